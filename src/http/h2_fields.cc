#include "http/h2_fields.h"

#include <utility>

#include "base/check.h"
#include "http/chars.h"
#include "http/grpc.h"
#include "net/reactor.h"

namespace weir::http {
namespace {

constexpr std::string_view kVia1 = "1.1 weir";
constexpr std::string_view kVia2 = "2 weir";
constexpr std::size_t kOverhead = 32;  // RFC 9113 section 10.5.1: what a field counts beside itself

// RFC 6455 section 4.1 wants a nonce; the client of an extended CONNECT has none, and nobody looks
// at the answer to this one.
constexpr std::string_view kWebSocketKey = "d2VpciBvdmVyIEhUVFAvMg==";

std::string joined(const Fields& fields, Known known, std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    if (fields.known[i] == known) out.append(fields.list[i].value).append(", ");
  }
  return out.append(value);
}

// The empty line, and what a parser may read beyond.
std::string_view finished(std::string& text) {
  text.append("\r\n");
  text.reserve(text.size() + net::Reactor::kSlack);
  return text;
}

bool web_socket_handshake(std::string_view name) {
  return equal_ignoring_case(name, "sec-websocket-key") ||
         equal_ignoring_case(name, "sec-websocket-accept");
}

}  // namespace

// ---------------------------------------------------------------- from HTTP/2

void FieldBlock::clear() {
  for (std::string* text :
       {&method_, &scheme_, &authority_, &path_, &protocol_, &status_, &host_, &cookie_, &lines_}) {
    text->clear();
  }
  bytes_ = 0;
  count_ = hosts_ = 0;
  over_ = has_length_ = grpc_ = false;
}

bool FieldBlock::add(std::string_view name, std::string_view value, const HeadLimits& limits) {
  if (over_) return false;
  bytes_ += name.size() + value.size() + kOverhead;
  const bool pseudo = name.starts_with(':');
  if (bytes_ > limits.bytes + limits.headers * kOverhead || (!pseudo && count_ == limits.headers)) {
    over_ = true;
    return false;
  }
  if (pseudo) {
    if (name == ":method") method_ = value;
    if (name == ":scheme") scheme_ = value;
    if (name == ":authority") authority_ = value;
    if (name == ":path") path_ = value;
    if (name == ":protocol") protocol_ = value;
    if (name == ":status") status_ = value;
    return true;
  }
  ++count_;
  if (name == "cookie") {  // RFC 9113 section 8.2.3
    if (!cookie_.empty()) cookie_.append("; ");
    cookie_.append(value);
    return true;
  }
  if (name == "host") {
    ++hosts_;
    host_ = value;
    return true;
  }
  if (name == "content-length") has_length_ = true;
  if (name == "content-type" && is_grpc_type(value)) grpc_ = true;
  lines_.append(name).append(": ").append(value).append("\r\n");
  return true;
}

Parsed FieldBlock::request(bool end, const HeadLimits& limits, std::string& text,
                           RequestHead& head) {
  if (over_) return refused(431, "the head is larger than the limit");
  const bool tunnel = method_ == "CONNECT";
  if (tunnel && protocol_.empty()) return refused(405, "CONNECT is not served here");
  if (tunnel && protocol_ != "websocket") {
    return refused(501, "an extended CONNECT for other than websocket");
  }
  if (tunnel && end) return refused(400, "an extended CONNECT that ends with its head");
  if (scheme_ != "http" && scheme_ != "https") {
    return refused(400, "a scheme other than http and https");
  }
  if (hosts_ > 1) return refused(400, "more than one Host header");
  if (hosts_ == 1 && !authority_.empty() && !equal_ignoring_case(authority_, host_)) {
    return refused(400, "a Host header that differs from :authority");
  }
  const std::string& authority = authority_.empty() ? host_ : authority_;
  if (authority.empty()) return refused(400, "neither :authority nor Host");

  text.clear();
  text.append(tunnel ? std::string_view("GET") : std::string_view(method_)).append(" ");
  text.append(path_).append(" HTTP/1.1\r\nhost: ").append(authority).append("\r\n");
  text.append(lines_);
  if (!cookie_.empty()) text.append("cookie: ").append(cookie_).append("\r\n");
  if (tunnel) {
    text.append("connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: ");
    text.append(kWebSocketKey).append("\r\n");
  } else if (end && !has_length_ && (method_ == "POST" || method_ == "PUT" || method_ == "PATCH")) {
    text.append("content-length: 0\r\n");  // RFC 9110 section 8.6
  }
  const HeadLimits wide{limits.bytes + 256, limits.headers + 8};  // for what weir has added
  const Parsed parsed = parse_request(finished(text), wide, head);
  if (parsed.kind == Parsed::Kind::incomplete) return refused(400, "a bad head");
  if (parsed.kind != Parsed::Kind::done) return parsed;
  head.fields.h2 = true;
  if (tunnel) {
    if (!head.upgrade) return refused(400, "an extended CONNECT with a body");
    return parsed;
  }
  if (end) {
    head.framing = {};
  } else if (!has_length_) {
    head.framing = {Framing::Kind::chunked, 0};
  }
  return parsed;
}

void FieldBlock::response_text(std::string& text) const {
  text.clear();
  if (over_) return;
  text.append("HTTP/1.1 ").append(status_).append("\r\n").append(lines_);
  if (!cookie_.empty()) text.append("cookie: ").append(cookie_).append("\r\n");
  finished(text);
}

Parsed parse_response_text(const std::string& text, bool end, bool to_head,
                           const HeadLimits& limits, ResponseHead& head) {
  if (text.empty()) return refused(502, "a head larger than the limit");
  const HeadLimits wide{limits.bytes + 64, limits.headers};
  const Parsed parsed = parse_response(text, wide, to_head, head);
  if (parsed.kind == Parsed::Kind::incomplete) return refused(502, "a bad head");
  if (parsed.kind != Parsed::Kind::done) return parsed;
  head.fields.h2 = true;
  if (head.status == 101) return refused(502, "a status of 101 in HTTP/2");
  // Without a length the end of the stream is the end of the body; also of an empty one, which
  // HTTP/1 could not tell otherwise.
  if (head.framing.kind == Framing::Kind::until_close) head.framing = {Framing::Kind::chunked, 0};
  if (end && head.framing.kind == Framing::Kind::length) {
    return refused(502, "a response shorter than its Content-Length");
  }
  return parsed;
}

Parsed FieldBlock::trailers(const HeadLimits& limits, std::string& text, Fields& fields) {
  if (over_) return refused(431, "trailers larger than the limit");
  text = lines_;
  if (hosts_ || !cookie_.empty()) return refused(400, "a trailer that may not be one");
  const Parsed parsed = parse_trailers(finished(text), limits, fields);
  if (parsed.kind == Parsed::Kind::incomplete) return refused(400, "bad trailers");
  return parsed;
}

// ---------------------------------------------------------------- to HTTP/2

FieldList& FieldList::make() {
  thread_local FieldList list;
  list.list_.clear();
  list.copied_ = 0;
  return list;
}

void FieldList::add(std::string_view name, std::string_view value) {
  // nghttp2 copies both, and writes the name in lower case.
  list_.push_back(nghttp2_nv{
      reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
      reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data() ? value.data() : "")),
      name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
}

void FieldList::add_copy(std::string_view name, std::string value) {
  CHECK(copied_ < kCopies);
  std::string& copy = copies_[copied_++];
  copy = std::move(value);
  add(name, copy);
}

void list_request(FieldList& out, const RequestHead& head, const Forwarded& forwarded,
                  std::string_view scheme) {
  const Fields& fields = head.fields;
  out.add(":method", head.upgrade ? std::string_view("CONNECT") : head.method);
  if (head.upgrade) out.add(":protocol", "websocket");
  out.add(":scheme", scheme);
  if (!head.authority.empty()) out.add(":authority", head.authority);
  if (head.query.data()) {
    out.add_copy(":path", std::string(head.path).append("?").append(head.query));
  } else {
    out.add(":path", head.path);
  }
  bool has_for = false, has_id = false, has_trace = false, trailers = false;
  const bool compare = fields.has(Known::connection);
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    const HeaderView& field = fields.list[i];
    switch (fields.known[i]) {
      case Known::other:
        if (compare && named_by_connection(fields, field.name)) continue;
        if (head.upgrade && web_socket_handshake(field.name)) continue;
        break;
      case Known::x_request_id:
        has_id = true;
        break;
      case Known::traceparent:
        has_trace = true;
        break;
      case Known::content_length:
      case Known::trailer:
        break;
      case Known::x_forwarded_for:
        has_for = true;
        continue;
      case Known::te:
        trailers |= list_has(field.value, "trailers");
        continue;
      default:
        continue;  // hop by hop, or written anew below
    }
    out.add(field.name, field.value);
  }
  if (trailers) out.add("te", "trailers");
  out.add_copy("via", joined(fields, Known::via, fields.h2 ? kVia2 : kVia1));
  if (!forwarded.client.empty() || has_for) {
    const std::string_view client = forwarded.client.empty() ? "unix" : forwarded.client;
    out.add_copy("x-forwarded-for", joined(fields, Known::x_forwarded_for, client));
  }
  out.add("x-forwarded-proto", forwarded.scheme);
  if (!forwarded.port.empty()) out.add("x-forwarded-port", forwarded.port);
  if (!has_id) out.add("x-request-id", forwarded.request_id);
  if (!has_trace) out.add("traceparent", forwarded.traceparent);
}

void list_response(FieldList& out, const Reply& reply) {
  // A 101 answers an extended CONNECT: 200 says so in HTTP/2 (RFC 8441 section 5).
  const bool tunnel = reply.status == 101;
  out.add_copy(":status", std::to_string(tunnel ? 200 : reply.status));
  if (reply.pass) {
    const Fields& fields = *reply.pass;
    const bool without_length = reply.status < 200 || reply.status == 204;
    const bool compare = fields.has(Known::connection);
    for (std::size_t i = 0; i < fields.list.size(); ++i) {
      const HeaderView& field = fields.list[i];
      switch (fields.known[i]) {
        case Known::other:
          if (compare && named_by_connection(fields, field.name)) continue;
          if (tunnel && web_socket_handshake(field.name)) continue;
          break;
        case Known::connection:
        case Known::keep_alive:
        case Known::proxy_connection:
        case Known::transfer_encoding:
        case Known::upgrade:
        case Known::te:
        case Known::via:
          continue;
        case Known::content_length:
          if (without_length) continue;
          break;
        default:
          break;
      }
      out.add(field.name, field.value);
    }
    out.add_copy("via", joined(fields, Known::via, fields.h2 ? kVia2 : kVia1));
  }
  for (const HeaderView& field : reply.add) out.add(field.name, field.value);
}

}  // namespace weir::http
