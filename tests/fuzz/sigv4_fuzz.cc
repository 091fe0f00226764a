// Signatures of AWS requests: a request that is read as one line each (method, path, query, then
// headers, an empty line, the body) is never let in unless it is signed with the secret; what we
// sign is let in; and with one letter of its signature changed it is not.
// sources: src/aws/sigv4.cc src/aws/canonical.cc src/aws/digest.cc src/aws/text.cc src/aws/timestamp.cc
// sources: src/aws/shape.cc src/base/check.cc
// libraries: fmt libcrypto
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/canonical.h"
#include "aws/digest.h"
#include "aws/sigv4.h"
#include "base/check.h"

namespace {

using namespace weir;
using namespace weir::aws;

const SigningKey kKey{"a secret that no seed was signed with", ""};
constexpr WallTime kNow(1'440'938'160s);  // 20150830T123600Z

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

WireRequest read(std::string_view text) {
  WireRequest request;
  request.method = take_line(text);
  request.path = take_line(text);
  request.query = take_line(text);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const auto colon = line.find(':');
    const auto value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    request.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  request.body = text;
  return request;
}

// The request without a signature of its own, signed by us.
WireRequest sign_it(WireRequest request) {
  std::erase_if(request.headers, [](const Header& header) {
    return header.name == "authorization" || header.name.starts_with("x-amz-");
  });
  request.headers.push_back({"host", "h"});
  request.headers.push_back({"x-amz-date", "20150830T123600Z"});
  request.headers.push_back(
      {"authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, "
       "SignedHeaders=host;x-amz-date, Signature=0"});
  const auto signature = read_signature(request);
  CHECK(signature);
  std::string& value = request.headers.back().value;
  value.pop_back();
  value +=
      sign(*signature, kKey.secret, string_to_sign(request, *signature, sha256_hex(request.body)));
  return request;
}

bool let_in(const WireRequest& request) {
  const auto signature = read_signature(request);
  if (!signature) {
    CHECK(!signature.error().message.empty());
    return false;
  }
  CHECK(!signature->access_key_id.empty() && !signature->region.empty());
  const auto fault = check_signature(request, *signature, kKey, kNow);
  CHECK(!fault || !fault->message.empty());
  return !fault;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const WireRequest request = read(text);
  // With 2^-256 this is wrong.
  CHECK(!let_in(request));
  WireRequest good = sign_it(request);
  CHECK(let_in(good));
  std::string& last = good.headers.back().value;
  last.back() = last.back() == '0' ? '1' : '0';
  CHECK(!let_in(good));
  // What is canonical stays as it is, but for the escapes of a path.
  const std::string query = canonical_query(request.query, false);
  CHECK(canonical_query(query, false) == query);
  CHECK(canonical_value(canonical_value(text)) == canonical_value(text));
  CHECK(canonical_path(request.path).starts_with('/'));
  return 0;
}
