#include "aws/dispatch.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "aws/codec.h"
#include "aws/model.h"

namespace weir::aws {
namespace {

std::unique_ptr<Model> model(std::string_view id, std::string metadata, std::string uri = "/") {
  return Model::read(id, R"({"metadata": )" + metadata + R"(, "names": ["Go", "Stay"],
    "operations": {"Go": {"name": "Go", "http": {"method": "POST", "requestUri": ")" +
                             uri +
                             R"("}, "input": {"shape": "In"}}},
    "shapes": {"In": {"type": "structure", "members": {"Id": {"shape": "Text"}}},
               "Text": {"type": "string"}}})")
      .value();
}

class Dispatch : public testing::Test {
 protected:
  Target find(WireRequest request, std::string_view hint = {}) {
    const Service* services[] = {&query->service(), &ec2->service(), &json->service(),
                                 &cbor->service(), &xml->service()};
    return find_target(services, request, hint);
  }
  WireRequest form(std::string body) {
    return {.method = "POST",
            .path = "/",
            .query = {},
            .headers = {{"content-type", "application/x-www-form-urlencoded"}},
            .body = std::move(body)};
  }

  std::unique_ptr<Model> query =
      model("query", R"({"protocol": "query", "apiVersion": "2015-12-01"})");
  std::unique_ptr<Model> ec2 =
      model("ec2", R"({"protocol": "ec2", "apiVersion": "2016-11-15", "endpointPrefix": "ec2"})");
  std::unique_ptr<Model> json =
      model("json", R"({"protocol": "json", "targetPrefix": "Front", "apiVersion": "1"})");
  std::unique_ptr<Model> cbor = model(
      "cbor", R"({"protocols": ["smithy-rpc-v2-cbor", "json", "query"], "targetPrefix": "Granite",
                  "jsonVersion": "1.0", "apiVersion": "2010-08-01", "awsQueryCompatible": {}})");
  std::unique_ptr<Model> xml =
      model("xml", R"({"protocol": "rest-xml", "apiVersion": "2013-04-01"})",
            "/2013-04-01/zone/{Id}/rrset/");
};

TEST_F(Dispatch, AFormIsOfTheServiceOfItsVersion) {
  EXPECT_EQ(find(form("Action=Go&Version=2015-12-01")).service->id, "query");
  EXPECT_EQ(find(form("Id=a&Version=2016-11-15&Action=Go")).protocol, Protocol::ec2);
  EXPECT_EQ(find(form("Action=Go&Version=2010-08-01")).service->id, "cbor");
  EXPECT_EQ(find(form("Action=Go"), "ec2").service->id, "ec2");
}

TEST_F(Dispatch, AHeaderNamesAJsonOperation) {
  const auto target = find({.method = "POST",
                            .path = "/",
                            .query = {},
                            .headers = {{"x-amz-target", "Granite.Go"}},
                            .body = "{}"});

  EXPECT_EQ(target.service->id, "cbor");
  EXPECT_EQ(target.protocol, Protocol::json);
  EXPECT_EQ(target.name, "Go");
}

TEST_F(Dispatch, APathNamesACborOperation) {
  const auto target = find({.method = "POST",
                            .path = "/service/Granite/operation/Go",
                            .query = {},
                            .headers = {{"smithy-protocol", "rpc-v2-cbor"}},
                            .body = {}});

  EXPECT_EQ(target.protocol, Protocol::cbor);
  ASSERT_TRUE(target.operation);
}

TEST_F(Dispatch, APathNamesARestOperationWithAndWithoutTheSlash) {
  for (const char* path : {"/2013-04-01/zone/Z1/rrset/", "/2013-04-01/zone/Z1/rrset"}) {
    const auto target =
        find({.method = "POST", .path = path, .query = {}, .headers = {}, .body = {}});

    ASSERT_TRUE(target.operation) << path;
    EXPECT_EQ(target.service->id, "xml");
  }
}

TEST_F(Dispatch, APresignedPostHasItsFormInTheQuery) {
  WireRequest request = form("");
  request.query = "Action=Go&Version=2015-12-01";

  const Target target = find(request);

  ASSERT_FALSE(target.fault) << target.fault->message;
  EXPECT_EQ(target.operation->name, "Go");
}

TEST_F(Dispatch, WhatIsNotServedIsAFaultAndNoServerError) {
  EXPECT_EQ(find(form("Action=Fly&Version=2015-12-01")).fault->message,
            "Could not find operation Fly for version 2015-12-01");
  EXPECT_EQ(find(form("Action=Stay&Version=2015-12-01")).fault->message,
            "The operation Stay of query is not supported here");
  EXPECT_EQ(find(form("Action=Go&Version=1999-01-01")).fault->code, "InvalidAction");
  EXPECT_EQ(find(form("Version=2015-12-01")).fault->code, "MissingAction");
  const auto json_target = find({.method = "POST",
                                 .path = "/",
                                 .query = {},
                                 .headers = {{"x-amz-target", "Front.Fly"}},
                                 .body = {}});
  EXPECT_EQ(json_target.fault->code, "UnknownOperationException");
  EXPECT_EQ(encode_fault(json_target.service, json_target.protocol, *json_target.fault, "1").status,
            400);
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(Dispatch, InflatesABody) {
  WireRequest request = form(gzip("Action=Go&Version=2015-12-01&Id=a"));
  request.headers.push_back({"content-encoding", "gzip"});

  const auto target = find(request);

  ASSERT_TRUE(target.operation);
  EXPECT_EQ(target.body, "Action=Go&Version=2015-12-01&Id=a");
}

TEST_F(Dispatch, RefusesABodyThatInflatesWithoutEnd) {
  WireRequest request = form(gzip(std::string(kMostBody + 1, 'a')));
  request.headers.push_back({"content-encoding", "gzip"});

  EXPECT_EQ(find(request).fault->status, 413);
}

TEST_F(Dispatch, RefusesABodyThatIsNoGzip) {
  WireRequest request = form("Action=Go");
  request.headers.push_back({"content-encoding", "gzip"});

  EXPECT_EQ(find(request).fault->code, "MalformedInput");
}

TEST(LooksLikeAws, IsToldByTheHead) {
  EXPECT_TRUE(looks_like_aws(
      {.method = "POST",
       .path = "/",
       .query = {},
       .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
       .body = {}}));
  EXPECT_TRUE(looks_like_aws(
      {.method = "GET", .path = "/2013-04-01/hostedzone", .query = {}, .headers = {}, .body = {}}));
  EXPECT_TRUE(looks_like_aws({.method = "POST",
                              .path = "/endpoints/e/invocations",
                              .query = {},
                              .headers = {},
                              .body = {}}));
  EXPECT_TRUE(looks_like_aws({.method = "GET",
                              .path = "/",
                              .query = "Action=GetCallerIdentity",
                              .headers = {},
                              .body = {}}));
  EXPECT_FALSE(
      looks_like_aws({.method = "GET", .path = "/", .query = {}, .headers = {}, .body = {}}));
  EXPECT_FALSE(looks_like_aws(
      {.method = "GET", .path = "/api/v1/status", .query = {}, .headers = {}, .body = {}}));
}

}  // namespace
}  // namespace weir::aws
