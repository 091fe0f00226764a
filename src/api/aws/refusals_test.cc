#include "api/aws/refusals.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

using aws::Protocol;
using aws::SignatureFault;
using Kind = SignatureFault::Kind;

std::string said(const aws::Fault& fault) {
  return fault.code + " " + std::to_string(fault.status);
}
std::string said(Kind kind, Protocol protocol) {
  return said(refusal(SignatureFault{kind, "why"}, protocol));
}

TEST(Refusals, HaveTheCodesOfTheirProtocol) {
  EXPECT_EQ(said(Kind::mismatch, Protocol::query), "SignatureDoesNotMatch 403");
  EXPECT_EQ(said(Kind::unknown_key, Protocol::query), "InvalidClientTokenId 403");
  EXPECT_EQ(said(Kind::missing, Protocol::rest_xml), "MissingAuthenticationToken 403");
  EXPECT_EQ(said(Kind::expired, Protocol::query), "RequestExpired 400");
  EXPECT_EQ(said(Kind::mismatch, Protocol::ec2), "AuthFailure 401");
  EXPECT_EQ(said(Kind::unknown_key, Protocol::ec2), "AuthFailure 401");
  EXPECT_EQ(said(Kind::mismatch, Protocol::json), "InvalidSignatureException 400");
  EXPECT_EQ(said(Kind::unknown_key, Protocol::cbor), "UnrecognizedClientException 400");
  EXPECT_EQ(said(Kind::missing, Protocol::rest_json), "MissingAuthenticationTokenException 403");
  EXPECT_EQ(said(Kind::expired_key, Protocol::json), "ExpiredTokenException 400");
}

TEST(Refusals, SayWhy) {
  EXPECT_EQ(refusal(SignatureFault{Kind::mismatch, "why"}, Protocol::query).message, "why");
}

TEST(Refusals, OfLimitsAreThoseThatClientsWaitFor) {
  EXPECT_EQ(said(throttled(Protocol::query)), "Throttling 400");
  EXPECT_EQ(said(throttled(Protocol::json)), "ThrottlingException 400");
  EXPECT_EQ(said(throttled(Protocol::ec2)), "RequestLimitExceeded 503");
  EXPECT_EQ(said(denied("no", Protocol::query)), "AccessDenied 403");
  EXPECT_EQ(said(denied("no", Protocol::json)), "AccessDeniedException 400");
}

}  // namespace
}  // namespace weir::amazon
