// Heads of HTTP/1 messages, parsed strictly: what two parsers could read in two ways is refused
// (RFC 9112; the smuggling cases of RFC 9112 section 11.2). Views into the bytes parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/request_view.h"

namespace weir::http {

// Headers that HTTP itself or a proxy acts on.
enum class Known : std::uint8_t {
  other,
  connection,
  content_length,
  expect,
  host,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  via,
  traceparent,
  x_forwarded_for,
  x_forwarded_port,
  x_forwarded_proto,
  x_request_id,
  x_amzn_mtls,  // X-Amzn-Mtls-*: only weir may say them
};
Known known_header(std::string_view name);

// How long a body is.
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close } kind = Kind::none;
  std::uint64_t length = 0;
};

// The header lines of a message.
struct Fields {
  std::vector<HeaderView> list;
  std::vector<Known> known;    // of each
  std::string_view raw;        // all header lines as they came, with the last CRLF of them
  std::uint32_t seen = 0;      // a bit for each Known that occurs
  std::uint32_t repeated = 0;  // likewise, more than once
  bool h2 = false;             // came over HTTP/2

  void clear() {
    list.clear();
    known.clear();
    seen = repeated = 0;
  }
  void add(std::string_view name, std::string_view value) {
    const Known k = known_header(name);
    const std::uint32_t bit = 1u << static_cast<unsigned>(k);
    repeated |= seen & bit;
    seen |= bit;
    list.push_back(HeaderView{name, value});
    known.push_back(k);
  }
  bool has(Known k) const { return seen >> static_cast<unsigned>(k) & 1; }
  bool repeats(Known k) const { return repeated >> static_cast<unsigned>(k) & 1; }
  std::string_view get(Known k) const;  // first value, "" without
};

struct RequestHead {
  std::string_view method;
  std::string_view target;     // as sent
  std::string_view path;       // of the target, without the query; "*" for OPTIONS *
  std::string_view query;      // without '?'; data() is null where the target has none
  std::string_view host;       // with brackets off and without the port
  std::string_view authority;  // host and port as sent
  std::uint16_t port = 0;      // of the authority; 0 without
  Fields fields;
  Framing framing;
  std::uint8_t minor = 1;  // HTTP/1.minor
  bool keep_alive = true;
  bool expect_continue = false;
  bool upgrade = false;  // asks for a WebSocket
};

struct ResponseHead {
  std::uint16_t status = 0;
  std::string_view reason;
  Fields fields;
  Framing framing;  // given the request's method (HEAD has none)
  std::uint8_t minor = 1;
  bool keep_alive = true;
};

struct HeadLimits {
  std::size_t bytes = 32 * 1024;
  std::uint32_t headers = 100;
};

struct Parsed {
  enum class Kind : std::uint8_t { done, incomplete, refused } kind = Kind::incomplete;
  std::size_t length = 0;      // of the head, when done
  std::uint16_t status = 400;  // to answer with, when refused
  const char* reason = "";     // in words, when refused
};
inline Parsed refused(std::uint16_t status, const char* reason) {
  return {Parsed::Kind::refused, 0, status, reason};
}

// `bytes` has at least 16 readable bytes behind it. `head` is overwritten; its vectors keep their
// memory.
Parsed parse_request(std::string_view bytes, const HeadLimits& limits, RequestHead& head);
// `to_head`: the request was HEAD.
Parsed parse_response(std::string_view bytes, const HeadLimits& limits, bool to_head,
                      ResponseHead& head);
// Header lines alone, up to the empty line: trailers. Refuses what may not be a trailer.
Parsed parse_trailers(std::string_view bytes, const HeadLimits& limits, Fields& fields);

// Is `token` in the comma-separated list, compared without case?
bool list_has(std::string_view list, std::string_view token);
// A Connection field names it: it is of this hop alone.
bool named_by_connection(const Fields& fields, std::string_view name);

}  // namespace weir::http
