// sigv4: AWS Signature Version 4, as who receives a request sees it: in the Authorization header,
// or in the query (a presigned URL). Pure: the clock and the key are arguments. Any thread.
//
// Source: "Create a signed AWS API request" (IAM User Guide) and AWS's own cases
// (tests/fixtures/aws/sigv4). Whatever headers are signed are checked, not a fixed set; `host` must
// be among them, and in the header form `x-amz-date`. Other X-Amz-* headers may be left out of the
// signature, as with all AWS services but S3. The body is hashed as it came (gzipped), or is what
// x-amz-content-sha256 says: its hash, or UNSIGNED-PAYLOAD. Bodies signed chunk by chunk
// (STREAMING-*, of S3) are refused. The path is encoded twice, as with all services but S3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "aws/wire.h"
#include "base/clock.h"

namespace weir::aws {

inline constexpr Duration kMostSkew = 15min;                         // of the signer's clock
inline constexpr Duration kLongestPresigned = std::chrono::days(7);  // of a presigned URL

struct SignatureFault {
  enum class Kind {
    missing,      // nothing is signed
    incomplete,   // a part of the signature is missing or cannot be read
    unknown_key,  // no such access key, or not with this session token
    mismatch,     // signed with another secret, over something else, or at another time
    expired,      // a presigned URL whose time is over
    expired_key,  // the access key's time is over
  };
  Kind kind;
  std::string message;  // AWS's words, where they are known
};

// What a request says of its signature.
struct Signature {
  std::string access_key_id;
  std::string date;    // of the scope, YYYYMMDD; the next two likewise
  std::string region;  // lower-case letters, digits and -
  std::string service;
  std::string timestamp;                    // YYYYMMDDTHHMMSSZ
  WallTime at{};                            // the same
  std::vector<std::string> signed_headers;  // lower case, in their order
  std::string hex;
  std::optional<std::string> session_token;
  bool presigned = false;
  Duration lifetime = kMostSkew;  // of a presigned URL
};

// A key that may sign.
struct SigningKey {
  std::string secret;
  std::string session_token;  // empty: a lasting key, which has none
};

// kind missing, incomplete or mismatch.
tl::expected<Signature, SignatureFault> read_signature(const WireRequest& request);
// Is it good? Nothing where it is; else kind mismatch, expired, unknown_key or incomplete.
std::optional<SignatureFault> check_signature(const WireRequest& request,
                                              const Signature& signature, const SigningKey& key,
                                              WallTime now);

// What is signed, and the signature over it in hexadecimal. `payload_hash` as check_signature()
// finds it.
std::string string_to_sign(const WireRequest& request, const Signature& signature,
                           std::string_view payload_hash);
std::string sign(const Signature& signature, std::string_view secret, std::string_view text);

}  // namespace weir::aws
