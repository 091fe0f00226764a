// Url: where weir itself sends a request: http://host:port/path or https://. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

struct Url {
  bool tls = false;
  std::string host;  // a name or an address, without brackets; lower case
  std::uint16_t port = 80;
  std::string target;  // path and query as they stand, at least "/"
  bool operator==(const Url&) const = default;
};

// RFC 3986, for the schemes http and https, without user information. A fragment is refused: it is
// never sent.
Result<Url> parse_url(std::string_view text);

// The Host field: without the port that the scheme has by itself.
std::string authority_of(const Url& url);

}  // namespace weir
