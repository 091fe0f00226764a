// canonical: the one way to write a request that both sides of a signature agree on, as AWS's
// "Create a signed API request" (IAM User Guide) has it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/wire.h"

namespace weir::aws {

// Every byte but letters, digits and -._~ as %XX; '/' stays where `slash` says so.
std::string uri_encode(std::string_view text, bool slash = false);
// Without . and .. and empty segments, then encoded: what was %20 becomes %2520.
std::string canonical_path(std::string_view path);
// Decoded, encoded anew and in order; '+' is a blank. Without X-Amz-Signature where `presigned`.
std::string canonical_query(std::string_view query, bool presigned);
// Trimmed, and each run of white space a blank.
std::string canonical_value(std::string_view value);
// Method, path, query, the `signed_headers` (lower case, in their order), and the hash of the body.
std::string canonical_request(const WireRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, bool presigned);

// All values of a header, whose name is in lower case, in their order.
std::vector<std::string_view> header_values(const WireRequest& request, std::string_view name);

}  // namespace weir::aws
