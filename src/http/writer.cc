#include "http/writer.h"

#include <charconv>
#include <cstring>

namespace weir::http {
namespace {

// Does the Connection header name more than the usual words? Then each header must be compared.
bool names_headers(const Fields& fields) {
  if (!fields.has(Known::connection)) return false;
  if (fields.repeats(Known::connection)) return true;
  const std::string_view value = fields.get(Known::connection);
  return !equal_ignoring_case(value, "keep-alive") && !equal_ignoring_case(value, "close") &&
         !equal_ignoring_case(value, "upgrade");
}

// Appends to a string whose memory is made once, for at most so many bytes.
class Appender {
 public:
  Appender(std::string& out, std::size_t most) : out_(out) {
    const std::size_t size = out.size();
    out.resize(size + most);
    at_ = out.data() + size;
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }

  template <std::size_t N>
  Appender& put(const char (&text)[N]) {
    std::memcpy(at_, text, N - 1);
    at_ += N - 1;
    return *this;
  }
  Appender& put(std::string_view text) {
    if (text.empty()) return *this;
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }

 private:
  std::string& out_;
  char* at_;
};

// Copies the header lines but those for which `drop` holds, in runs.
template <class Drop>
void copy_fields(Appender& out, const Fields& fields, Drop drop) {
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
    out.put({run, static_cast<std::size_t>(line - run)});
    run = next;
  }
  out.put({run, static_cast<std::size_t>(end - run)});
}

// The values of all lines of that header, each with a comma behind it. No longer than the lines.
void put_values(Appender& out, const Fields& fields, Known known) {
  if (!fields.has(known)) return;
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    if (fields.known[i] == known) out.put(fields.list[i].value).put(", ");
  }
}

void put_via(Appender& out, const Fields& fields) {
  out.put("Via: ");
  put_values(out, fields, Known::via);
  out.put(fields.h2 ? "2 weir\r\n" : "1.1 weir\r\n");
}

std::size_t size_of(std::span<const HeaderView> fields) {
  std::size_t size = 0;
  for (const HeaderView& field : fields) size += field.name.size() + field.value.size() + 4;
  return size;
}

std::size_t size_of(std::span<const std::pair<std::string, std::string>> fields) {
  std::size_t size = 0;
  for (const auto& [name, value] : fields) size += name.size() + value.size() + 4;
  return size;
}

constexpr std::size_t kOwnLines = 512;  // at most, of what is written here word by word

}  // namespace

std::string& output() {
  thread_local std::string out;
  out.clear();
  return out;
}

void write_chunk_size(std::string& out, std::size_t size) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
  out.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n");
}

void write_request(std::string& text, const RequestHead& head, const Forwarded& forwarded) {
  const Fields& fields = head.fields;
  Appender out(text, head.method.size() + head.path.size() + head.query.size() + fields.raw.size() +
                         head.authority.size() + forwarded.client.size() + forwarded.scheme.size() +
                         forwarded.port.size() + forwarded.request_id.size() +
                         forwarded.traceparent.size() + size_of(forwarded.more) + kOwnLines);
  // A path, also where the client sent an absolute URL (RFC 9112 section 3.2.2).
  out.put(head.method).put(" ").put(head.path);
  if (head.query.data()) out.put("?").put(head.query);
  out.put(" HTTP/1.1\r\n");
  copy_fields(out, fields, [](Known known) {
    switch (known) {
      case Known::host:
      case Known::x_request_id:
      case Known::traceparent:
      case Known::content_length:
      case Known::trailer:
        return false;
      default:
        return true;  // hop by hop, or written anew below
    }
  });
  if (!fields.has(Known::host)) out.put("Host: ").put(head.authority).put("\r\n");
  if (head.framing.kind == Framing::Kind::chunked) out.put("Transfer-Encoding: chunked\r\n");
  if (head.upgrade) out.put("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  put_via(out, fields);
  if (!forwarded.client.empty() || fields.has(Known::x_forwarded_for)) {
    out.put("X-Forwarded-For: ");
    put_values(out, fields, Known::x_forwarded_for);
    out.put(forwarded.client.empty() ? "unix" : forwarded.client).put("\r\n");
  }
  out.put("X-Forwarded-Proto: ").put(forwarded.scheme).put("\r\n");
  if (!forwarded.port.empty()) out.put("X-Forwarded-Port: ").put(forwarded.port).put("\r\n");
  if (!fields.has(Known::x_request_id)) {
    out.put("X-Request-Id: ").put(forwarded.request_id).put("\r\n");
  }
  if (!fields.has(Known::traceparent)) {
    out.put("traceparent: ").put(forwarded.traceparent).put("\r\n");
  }
  for (const auto& [name, value] : forwarded.more) {
    out.put(name).put(": ").put(value).put("\r\n");
  }
  out.put("\r\n");
}

void write_response(std::string& text, const Reply& reply, int minor, bool keep_alive) {
  const std::string_view reason = reply.reason.empty() ? reason_phrase(reply.status) : reply.reason;
  Appender out(text, reason.size() + (reply.pass ? reply.pass->raw.size() : 0) +
                         size_of(reply.add) + kOwnLines);
  const char status[] = {static_cast<char>('0' + reply.status / 100 % 10),
                         static_cast<char>('0' + reply.status / 10 % 10),
                         static_cast<char>('0' + reply.status % 10)};
  out.put("HTTP/1.1 ").put({status, sizeof status}).put(" ").put(reason).put("\r\n");
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
    put_via(out, *reply.pass);
  }
  for (const HeaderView& field : reply.add) {
    out.put(field.name).put(": ").put(field.value).put("\r\n");
  }
  if (upgrade) {
    out.put("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else if (reply.status >= 200) {
    if (reply.framing.kind == Framing::Kind::chunked) out.put("Transfer-Encoding: chunked\r\n");
    if (!keep_alive) {
      out.put("Connection: close\r\n");
    } else if (minor == 0) {
      out.put("Connection: keep-alive\r\n");
    }
  }
  out.put("\r\n");
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
