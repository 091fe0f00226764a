// ClientHello: what the first message of a TLS connection says in the clear: the server's name
// (SNI) and the protocols offered (ALPN). Pure; nothing is decrypted or verified.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

// A message that is longer, records and all, is refused. With post-quantum keys and a session
// ticket it is about 3 KiB.
inline constexpr std::size_t kMaxClientHello = 16 * 1024;

struct ClientHello {
  enum class Kind { incomplete, done, not_tls, bad };
  Kind kind = Kind::incomplete;
  const char* reason = "";          // bad, not_tls
  std::string server_name{};        // as sent, less a final dot; empty: none was sent
  std::vector<std::string> alpn{};  // as offered, in order
};

// What the front of a connection's bytes says. The message may be split over any number of records.
ClientHello parse_client_hello(std::string_view bytes);

}  // namespace weir::net
