#include "http/writer.h"

#include <charconv>

namespace weir::http {
namespace {

constexpr std::string_view kVia = "1.1 weir";

// Does the Connection header name more than the usual words? Then each header must be compared.
bool names_headers(const Fields& fields) {
  if (fields.connection_count == 0) return false;
  if (fields.connection_count > 1) return true;
  return !equal_ignoring_case(fields.connection, "keep-alive") &&
         !equal_ignoring_case(fields.connection, "close") &&
         !equal_ignoring_case(fields.connection, "upgrade");
}

bool named_by_connection(const Fields& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    if (fields.known[i] == Known::connection && list_has(fields.list[i].value, name)) return true;
  }
  return false;
}

// Copies the header lines but those for which `drop` holds, in runs.
template <class Drop>
void copy_fields(std::string& out, const Fields& fields, Drop drop) {
  const char* run = fields.raw.data();
  const char* const end = run + fields.raw.size();
  const bool compare = names_headers(fields);
  const std::size_t count = fields.list.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Known known = fields.known[i];
    const bool dropped = known == Known::other
                             ? compare && named_by_connection(fields, fields.list[i].name)
                             : drop(known);
    if (!dropped) continue;
    const char* line = fields.list[i].name.data();
    const char* next = i + 1 < count ? fields.list[i + 1].name.data() : end;
    out.append(run, static_cast<std::size_t>(line - run));
    run = next;
  }
  out.append(run, static_cast<std::size_t>(end - run));
}

// One line with the values of all lines of that header, then `value`.
void append_to_list(std::string& out, const Fields& fields, Known known, std::string_view name,
                    std::string_view value) {
  out.append(name).append(": ");
  if (fields.has(known)) {
    for (std::size_t i = 0; i < fields.list.size(); ++i) {
      if (fields.known[i] == known) out.append(fields.list[i].value).append(", ");
    }
  }
  out.append(value).append("\r\n");
}

}  // namespace

std::string& output() {
  thread_local std::string out;
  out.clear();
  return out;
}

void write_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void write_chunk_size(std::string& out, std::size_t size) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
  out.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n");
}

void write_request(std::string& out, const RequestHead& head, const Forwarded& forwarded) {
  const Fields& fields = head.fields;
  out.append(head.method).append(" ");
  // A path, also where the client sent an absolute URL (RFC 9112 section 3.2.2).
  out.append(head.path);
  if (head.query.data()) out.append("?").append(head.query);
  out.append(" HTTP/1.1\r\n");
  bool has_host = false, has_for = false, has_id = false, has_trace = false;
  copy_fields(out, fields, [&](Known known) {
    switch (known) {
      case Known::host:
        has_host = true;
        return false;
      case Known::x_request_id:
        has_id = true;
        return false;
      case Known::traceparent:
        has_trace = true;
        return false;
      case Known::content_length:
      case Known::trailer:
        return false;
      case Known::x_forwarded_for:
        has_for = true;
        return true;
      default:
        return true;  // hop by hop, or written anew below
    }
  });
  if (!has_host) out.append("Host: ").append(head.authority).append("\r\n");
  if (head.framing.kind == Framing::Kind::chunked) out.append("Transfer-Encoding: chunked\r\n");
  if (head.upgrade) out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  append_to_list(out, fields, Known::via, "Via", kVia);
  if (!forwarded.client.empty() || has_for) {
    append_to_list(out, fields, Known::x_forwarded_for, "X-Forwarded-For",
                   forwarded.client.empty() ? "unix" : forwarded.client);
  }
  out.append("X-Forwarded-Proto: ").append(forwarded.scheme).append("\r\n");
  if (!forwarded.port.empty()) {
    out.append("X-Forwarded-Port: ").append(forwarded.port).append("\r\n");
  }
  if (!has_id) out.append("X-Request-Id: ").append(forwarded.request_id).append("\r\n");
  if (!has_trace) out.append("traceparent: ").append(forwarded.traceparent).append("\r\n");
  out.append("\r\n");
}

void write_response(std::string& out, const Reply& reply, int minor, bool keep_alive) {
  out.append("HTTP/1.1 ");
  write_number(out, reply.status);
  out.append(" ").append(reply.reason.empty() ? reason_phrase(reply.status) : reply.reason);
  out.append("\r\n");
  const bool upgrade = reply.status == 101;
  if (reply.pass) {
    const bool chunked = reply.framing.kind == Framing::Kind::chunked;
    const bool without_length = reply.status < 200 || reply.status == 204;
    copy_fields(out, *reply.pass, [&](Known known) {
      switch (known) {
        case Known::connection:
        case Known::keep_alive:
        case Known::proxy_connection:
        case Known::transfer_encoding:
        case Known::upgrade:
        case Known::te:
          return true;
        case Known::trailer:
          return !chunked;
        case Known::content_length:
          return without_length;  // RFC 9110 section 8.6
        case Known::via:
          return true;
        default:
          return false;
      }
    });
    append_to_list(out, *reply.pass, Known::via, "Via", kVia);
  }
  for (const HeaderView& field : reply.add) {
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (upgrade) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else if (reply.status >= 200) {
    if (reply.framing.kind == Framing::Kind::chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (!keep_alive) {
      out.append("Connection: close\r\n");
    } else if (minor == 0) {
      out.append("Connection: keep-alive\r\n");
    }
  }
  out.append("\r\n");
}

void write_trailers(std::string& out, const Fields& fields) {
  for (const HeaderView& field : fields.list) {
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace weir::http
