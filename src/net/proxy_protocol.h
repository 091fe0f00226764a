// The PROXY protocol, versions 1 and 2, as HAProxy's specification (2020/03/05) has it: who the
// client of a connection is, written in front of its bytes by a proxy. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/address.h"

namespace weir::net {

// No header is longer: a version 2 header may carry as many TLVs as fit, which are skipped.
inline constexpr std::size_t kMaxProxyHeader = 16 * 1024;

struct ProxyHeader {
  // Both of the same family; neither where the proxy speaks for itself (LOCAL, as for its health
  // checks), does not know (UNKNOWN), or its own client came by a Unix socket.
  Address source;
  Address destination;
  bool names_client() const { return source.length() != 0; }
};

struct ProxyParse {
  enum class Kind { incomplete, done, bad };
  Kind kind = Kind::incomplete;
  std::size_t length = 0;   // done: of the header, to be taken off the front
  const char* reason = "";  // bad
  ProxyHeader header{};     // done
};

// What the front of a connection's bytes says. Strict: whatever is not a header is bad as soon as
// that can be seen.
ProxyParse parse_proxy_header(std::string_view bytes);

// A header of our own. Addresses that are no IP addresses make it UNKNOWN (v1), or LOCAL (v2).
std::string proxy_header_v1(const Address& source, const Address& destination);
std::string proxy_header_v2(const Address& source, const Address& destination);

}  // namespace weir::net
