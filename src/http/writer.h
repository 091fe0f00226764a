// Writes heads of HTTP/1 messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/exchange.h"
#include "http/head.h"

namespace weir::http {

// What a proxy adds to a request (RFC 9110 section 7.6.3 for Via; the X-Forwarded family as ALB
// writes it: the client's own X-Forwarded-For is kept in front).
struct Forwarded {
  std::string_view client;       // address of the peer; "" on a Unix socket
  std::string_view scheme;       // http or https
  std::string_view port;         // of the listener
  std::string_view request_id;   // used where the client sent none
  std::string_view traceparent;  // likewise
  // Further fields, such as what the certificate of the client says.
  std::span<const std::pair<std::string, std::string>> more{};
};

// The thread's output buffer, emptied: for one message at a time, written before any suspension.
std::string& output();

void write_request(std::string& out, const RequestHead& head, const Forwarded& forwarded);
// `minor`: of the client. `keep_alive`: what the connection does after this message.
void write_response(std::string& out, const Reply& reply, int minor, bool keep_alive);
void write_trailers(std::string& out, const Fields& fields);
// "1f4\r\n"
void write_chunk_size(std::string& out, std::size_t size);

}  // namespace weir::http
