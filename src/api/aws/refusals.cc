#include "api/aws/refusals.h"

#include <utility>

namespace weir::amazon {
namespace {

using aws::Protocol;
using Kind = aws::SignatureFault::Kind;

struct Word {
  const char* code;
  int status;
};

// One row a refusal: of query and REST-XML, of EC2, of JSON and CBOR. REST-JSON has the codes of
// JSON, and a status of its own.
struct Row {
  Word query;
  Word ec2;
  Word json;
  int rest_status;
};

constexpr Row kMissing = {{"MissingAuthenticationToken", 403},
                          {"AuthFailure", 401},
                          {"MissingAuthenticationTokenException", 400},
                          403};
constexpr Row kIncomplete = {{"IncompleteSignature", 400},
                             {"IncompleteSignature", 400},
                             {"IncompleteSignatureException", 400},
                             403};
constexpr Row kUnknownKey = {
    {"InvalidClientTokenId", 403}, {"AuthFailure", 401}, {"UnrecognizedClientException", 400}, 403};
constexpr Row kMismatch = {
    {"SignatureDoesNotMatch", 403}, {"AuthFailure", 401}, {"InvalidSignatureException", 400}, 403};
constexpr Row kExpired = {
    {"RequestExpired", 400}, {"RequestExpired", 400}, {"InvalidSignatureException", 400}, 403};
constexpr Row kExpiredKey = {
    {"ExpiredToken", 403}, {"RequestExpired", 400}, {"ExpiredTokenException", 400}, 403};
constexpr Row kDenied = {
    {"AccessDenied", 403}, {"UnauthorizedOperation", 403}, {"AccessDeniedException", 400}, 403};
constexpr Row kThrottled = {
    {"Throttling", 400}, {"RequestLimitExceeded", 503}, {"ThrottlingException", 400}, 429};
constexpr Row kTooLarge = {{"RequestEntityTooLarge", 413},
                           {"RequestEntityTooLarge", 413},
                           {"RequestEntityTooLargeException", 413},
                           413};
constexpr Row kUnavailable = {
    {"ServiceUnavailable", 503}, {"Unavailable", 503}, {"ServiceUnavailableException", 503}, 503};

const Row& row_of(Kind kind) {
  switch (kind) {
    case Kind::missing:
      return kMissing;
    case Kind::incomplete:
      return kIncomplete;
    case Kind::unknown_key:
      return kUnknownKey;
    case Kind::expired:
      return kExpired;
    case Kind::expired_key:
      return kExpiredKey;
    case Kind::mismatch:
      break;
  }
  return kMismatch;
}

aws::Fault fault(const Row& row, std::string message, Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
    case Protocol::rest_xml:
      return {row.query.code, std::move(message), row.query.status};
    case Protocol::ec2:
      return {row.ec2.code, std::move(message), row.ec2.status};
    case Protocol::rest_json:
      return {row.json.code, std::move(message), row.rest_status};
    case Protocol::json:
    case Protocol::cbor:
      break;
  }
  return {row.json.code, std::move(message), row.json.status};
}

}  // namespace

aws::Fault refusal(const aws::SignatureFault& why, Protocol protocol) {
  return fault(row_of(why.kind), why.message, protocol);
}

aws::Fault denied(std::string message, Protocol protocol) {
  return fault(kDenied, std::move(message), protocol);
}

aws::Fault throttled(Protocol protocol) { return fault(kThrottled, "Rate exceeded", protocol); }

aws::Fault too_large(Protocol protocol) {
  return fault(kTooLarge, "The body of the request is too large.", protocol);
}

aws::Fault unavailable(Protocol protocol) {
  return fault(kUnavailable, "weir is starting or stopping: try again in a moment.", protocol);
}

}  // namespace weir::amazon
