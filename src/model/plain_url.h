// PlainUrl: an address to ask over HTTP without TLS: http://HOST[:PORT][/PATH]. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

struct PlainUrl {
  std::string host;  // a name or an address; an IPv6 address in brackets
  std::uint16_t port = 80;
  std::string path = "/";  // with the query
};

// Code::invalid with what is wrong with it. Neither user nor fragment, no spaces or control
// characters.
Result<PlainUrl> parse_plain_url(std::string_view text);

}  // namespace weir
