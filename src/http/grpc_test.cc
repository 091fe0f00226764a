#include "http/grpc.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

TEST(GrpcType, IsGrpcAndItsEncodingsAlone) {
  for (const char* type : {"application/grpc", "application/grpc+proto", "Application/gRPC",
                           "application/grpc; charset=x", "application/grpc+json"}) {
    EXPECT_TRUE(is_grpc_type(type)) << type;
  }
  for (const char* type :
       {"", "application/grp", "application/grpc-web", "application/grpcx", "text/plain"}) {
    EXPECT_FALSE(is_grpc_type(type)) << type;
  }
}

TEST(GrpcTimeout, HasAtMostEightDigitsAndAUnit) {
  EXPECT_EQ(parse_grpc_timeout("1H"), Duration(1h));
  EXPECT_EQ(parse_grpc_timeout("2M"), Duration(2min));
  EXPECT_EQ(parse_grpc_timeout("3S"), Duration(3s));
  EXPECT_EQ(parse_grpc_timeout("4m"), Duration(4ms));
  EXPECT_EQ(parse_grpc_timeout("5u"), Duration(5us));
  EXPECT_EQ(parse_grpc_timeout("6n"), Duration(6ns));
  EXPECT_EQ(parse_grpc_timeout("99999999S"), Duration(99999999s));
  for (const char* bad : {"", "S", "1", "1x", "-1S", "+1S", "1 S", "123456789S", "1SS", "0x1S"}) {
    EXPECT_EQ(parse_grpc_timeout(bad), std::nullopt) << bad;
  }
}

TEST(GrpcTimeout, DoesNotOverflow) {
  EXPECT_EQ(parse_grpc_timeout("99999999H"), Duration(8760h));
  EXPECT_EQ(parse_grpc_timeout("99999999M"), Duration(8760h));
}

TEST(GrpcStatus, StandsForAStatusOfHttp) {
  EXPECT_EQ(grpc_status_for(503), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_for(504), GrpcStatus::unavailable);
  EXPECT_EQ(grpc_status_for(404), GrpcStatus::unimplemented);
  EXPECT_EQ(grpc_status_for(431), GrpcStatus::resource_exhausted);
  EXPECT_EQ(grpc_status_for(418), GrpcStatus::unknown);
}

TEST(GrpcStatus, IsReadOfItsHeaderAlone) {
  Fields fields;
  EXPECT_EQ(grpc_status(fields), std::nullopt);
  fields.list.push_back(HeaderView{"Grpc-Status", "14"});
  EXPECT_EQ(grpc_status(fields), 14u);
  for (const char* bad : {"", "x", "1x", "-1", "99999999999"}) {
    fields.list[0].value = bad;
    EXPECT_EQ(grpc_status(fields), std::nullopt) << bad;
  }
}

TEST(GrpcStatus, BlamesTheEndpointForItsOwnFaults) {
  for (const std::uint32_t code : {2u, 13u, 14u, 15u}) EXPECT_TRUE(is_endpoint_failure(code));
  for (const std::uint32_t code : {0u, 1u, 3u, 4u, 5u, 7u, 8u, 12u, 16u, 270u}) {
    EXPECT_FALSE(is_endpoint_failure(code)) << code;
  }
}

TEST(GrpcMessage, IsPercentEncoded) {
  EXPECT_EQ(grpc_message("plain text\n"), "plain text");
  EXPECT_EQ(grpc_message("100% \xc3\xbc\r\n\x7f"), "100%25 %C3%BC%0D%0A%7F");
}

}  // namespace
}  // namespace weir::http
