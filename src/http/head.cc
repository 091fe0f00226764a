#include "http/head.h"

#include <array>
#include <charconv>

#include "http/chars.h"

namespace weir::http {
namespace {

constexpr Parsed kIncomplete{};
constexpr std::size_t kMaxConnection = 1024;

// Parses header lines from `p` (the start of a line) up to and with the empty line.
// Returns done with the length counted from `begin`.
Parsed parse_fields(const char* begin, const char* p, const char* end, const HeadLimits& limits,
                    Fields& fields) {
  fields.clear();
  const char* const first = p;
  std::size_t connection_bytes = 0;
  while (true) {
    if (static_cast<std::size_t>(p - begin) > limits.bytes) {
      return refused(431, "the head is larger than the limit");
    }
    if (p == end) return kIncomplete;
    if (*p == '\r') {
      if (end - p < 2) return kIncomplete;
      if (p[1] != '\n') return refused(400, "a carriage return without a line feed");
      fields.raw = {first, static_cast<std::size_t>(p - first)};
      return {Parsed::Kind::done, static_cast<std::size_t>(p + 2 - begin), 0, ""};
    }
    const char* const name_end = token_end(p, end);
    if (name_end == end) return kIncomplete;
    if (name_end == p) {
      if (*p == ' ' || *p == '\t') return refused(400, "a folded header line");
      if (*p == '\n') return refused(400, "a line that ends with a bare line feed");
      return refused(400, *p == ':' ? "a header without a name" : "a bad byte in a header name");
    }
    if (*name_end != ':') {
      return refused(400, *name_end == ' ' || *name_end == '\t'
                              ? "white space before the colon of a header"
                              : "a bad byte in a header name");
    }
    const char* const line_end = find_control(name_end + 1, end);
    if (end - line_end < 2) {
      if (line_end < end && *line_end != '\r') {
        return refused(400, "a control byte in a header value");
      }
      return kIncomplete;
    }
    if (line_end[0] != '\r') {
      return refused(400, line_end[0] == '\n' ? "a line that ends with a bare line feed"
                                              : "a control byte in a header value");
    }
    if (line_end[1] != '\n') return refused(400, "a carriage return without a line feed");
    if (fields.list.size() == limits.headers) return refused(431, "too many headers");
    const std::string_view name(p, static_cast<std::size_t>(name_end - p));
    const std::string_view value =
        trim({name_end + 1, static_cast<std::size_t>(line_end - name_end - 1)});
    fields.add(name, value);
    if (fields.known.back() == Known::connection) {
      // Each other header is looked up in it, so its length is what a request costs.
      connection_bytes += value.size();
      if (connection_bytes > kMaxConnection) return refused(400, "too long a Connection header");
    }
    p = line_end + 2;
  }
}

// One comma-separated list may come in several lines; each is looked at.
bool connection_has(const Fields& fields, std::string_view token) {
  if (!fields.has(Known::connection)) return false;
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    if (fields.known[i] == Known::connection && list_has(fields.list[i].value, token)) return true;
  }
  return false;
}

struct BodyHeaders {
  bool has_length = false;
  bool has_encoding = false;
  std::uint64_t length = 0;
};

// Content-Length and Transfer-Encoding, each at most once and never both. `status` for requests.
const char* read_body_headers(const Fields& fields, BodyHeaders& out, std::uint16_t& status) {
  status = 400;
  if (fields.repeats(Known::content_length)) return "more than one Content-Length";
  if (fields.repeats(Known::transfer_encoding)) return "more than one Transfer-Encoding";
  out.has_length = fields.has(Known::content_length);
  if (out.has_length) {
    const std::string_view value = fields.get(Known::content_length);
    if (value.empty() || value.size() > 18) return "a Content-Length that is not a number";
    for (const char c : value) {
      if (c < '0' || c > '9') return "a Content-Length that is not a number";
      out.length = out.length * 10 + static_cast<std::uint64_t>(c - '0');
    }
  }
  out.has_encoding = fields.has(Known::transfer_encoding);
  if (out.has_encoding && !same(fields.get(Known::transfer_encoding), "chunked")) {
    status = 501;
    return "a Transfer-Encoding other than chunked";
  }
  if (out.has_length && out.has_encoding) return "both Content-Length and Transfer-Encoding";
  return nullptr;
}

// RFC 3986 section 3.2.2, without user information: names, IPv4, [IPv6].
constexpr auto kHostChar = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (const char c : std::string_view("-._~!$&'()*+,;=%:[]")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// host, [v6], each with or without a port. Reads up to 16 bytes behind it.
bool split_authority(std::string_view authority, std::string_view& host, std::uint16_t& port) {
  const char* const end = authority.data() + authority.size();
  const char* const rare = skip_common(authority.data(), end, '-', '.', ':');
  for (const char* c = rare; c < end; ++c) {
    if (!kHostChar[static_cast<unsigned char>(*c)]) return false;
  }
  std::string_view rest;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return false;
    host = authority.substr(1, close - 1);
    if (host.find(':') == std::string_view::npos ||
        host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return false;  // an IPv6 address alone stands in brackets
    }
    rest = authority.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return false;
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? "" : authority.substr(colon);
    if (rare < end && host.find_first_of("[]") != std::string_view::npos) return false;
  }
  port = 0;
  if (rest.empty()) return true;
  const std::string_view digits = rest.substr(1);
  if (digits.empty()) return true;  // "host:" means no port
  const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && last == digits.data() + digits.size();
}

// The target's forms (RFC 9112 section 3.2). Returns what is wrong, or null.
const char* split_target(RequestHead& head, std::string_view& absolute_authority) {
  std::string_view target = head.target;
  if (head.method == "CONNECT") return "CONNECT is not served here";
  if (target == "*") {
    if (head.method != "OPTIONS") return "the target * is for OPTIONS alone";
    head.path = target;
    return nullptr;
  }
  if (!target.starts_with('/')) {
    std::size_t scheme = 0;
    if (target.size() > 7 && same(target.substr(0, 7), "http://")) scheme = 7;
    if (target.size() > 8 && same(target.substr(0, 8), "https://")) scheme = 8;
    if (scheme == 0) return "a target that is neither a path nor an http URL";
    target.remove_prefix(scheme);
    const auto slash = target.find_first_of("/?");
    absolute_authority = target.substr(0, slash);
    if (absolute_authority.empty()) return "a target without a host";
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    if (!target.starts_with('/')) return "a target without a path";
  }
  const auto mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  return nullptr;
}

const char* read_hosts(RequestHead& head, std::string_view absolute_authority) {
  if (head.fields.repeats(Known::host)) return "more than one Host header";
  const bool has_host = head.fields.has(Known::host);
  if (!has_host && head.minor >= 1) return "no Host header";
  if (has_host) head.authority = head.fields.get(Known::host);
  if (!split_authority(head.authority, head.host, head.port)) return "a bad Host header";
  if (!absolute_authority.empty()) {
    if (has_host && !equal_ignoring_case(absolute_authority, head.authority)) {
      return "a Host header that differs from the target's";
    }
    head.authority = absolute_authority;
    if (!split_authority(absolute_authority, head.host, head.port))
      return "a bad host in the target";
  }
  return nullptr;
}

}  // namespace

Known known_header(std::string_view name) {
  switch (name.size()) {
    case 2:
      return same_name(name, "te") ? Known::te : Known::other;
    case 3:
      return same_name(name, "via") ? Known::via : Known::other;
    case 4:
      return same_name(name, "host") ? Known::host : Known::other;
    case 6:
      return same_name(name, "expect") ? Known::expect : Known::other;
    case 7:
      if (same_name(name, "trailer")) return Known::trailer;
      return same_name(name, "upgrade") ? Known::upgrade : Known::other;
    case 10:
      if (same_name(name, "connection")) return Known::connection;
      return same_name(name, "keep-alive") ? Known::keep_alive : Known::other;
    case 11:
      return same_name(name, "traceparent") ? Known::traceparent : Known::other;
    case 12:
      return same_name(name, "x-request-id") ? Known::x_request_id : Known::other;
    case 14:
      return same_name(name, "content-length") ? Known::content_length : Known::other;
    case 15:
      return same_name(name, "x-forwarded-for") ? Known::x_forwarded_for : Known::other;
    case 16:
      if (same_name(name, "proxy-connection")) return Known::proxy_connection;
      return same_name(name, "x-forwarded-port") ? Known::x_forwarded_port : Known::other;
    case 17:
      if (same_name(name, "transfer-encoding")) return Known::transfer_encoding;
      return same_name(name, "x-forwarded-proto") ? Known::x_forwarded_proto : Known::other;
    default:
      if (name.size() < 22) return Known::other;  // x-amzn-mtls-clientcert
      return same_name(name.substr(0, 12), "x-amzn-mtls-") ? Known::x_amzn_mtls : Known::other;
  }
}

std::string_view Fields::get(Known k) const {
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] == k) return list[i].value;
  }
  return {};
}

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool named_by_connection(const Fields& fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.list.size(); ++i) {
    if (fields.known[i] == Known::connection && list_has(fields.list[i].value, name)) return true;
  }
  return false;
}

Parsed parse_request(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* p = begin;
  // RFC 9112 section 2.2: one empty line before a request is forgiven.
  if (end - p >= 2 && p[0] == '\r' && p[1] == '\n') p += 2;
  const char* const line_end = find_control(p, end);
  if (line_end == end || (line_end + 1 == end && *line_end == '\r')) {
    if (bytes.size() > limits.bytes)
      return refused(431, "the request line is larger than the limit");
    // Refuse early what can't become a request: a TLS hello, a bad method.
    for (const char* c = p; c < line_end && *c != ' '; ++c) {
      if (!kTokenChar[static_cast<unsigned char>(*c)]) return refused(400, "a bad request line");
    }
    return kIncomplete;
  }
  if (*line_end != '\r' || line_end[1] != '\n') {
    return refused(400, *line_end == '\n' ? "a line that ends with a bare line feed"
                                          : "a control byte in the request line");
  }
  const std::string_view line(p, static_cast<std::size_t>(line_end - p));
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refused(400, "a bad request line");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(head.method) || head.method.size() > 32) return refused(400, "a bad method");
  if (version.size() != 8 || !version.starts_with("HTTP/"))
    return refused(400, "a bad HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool digits = version[5] >= '0' && version[5] <= '9' && version[6] == '.' &&
                        version[7] >= '0' && version[7] <= '9';
    return digits ? refused(505, "an HTTP version other than 1.0 and 1.1")
                  : refused(400, "a bad HTTP version");
  }
  head.minor = static_cast<std::uint8_t>(version[7] - '0');
  if (head.target.empty()) return refused(400, "an empty target");
  if (!is_target(head.target)) return refused(400, "a bad byte in the target");

  const Parsed fields = parse_fields(begin, line_end + 2, end, limits, head.fields);
  if (fields.kind == Parsed::Kind::incomplete && bytes.size() > limits.bytes) {
    return refused(431, "the head is larger than the limit");
  }
  if (fields.kind != Parsed::Kind::done) return fields;
  if (fields.length > limits.bytes) return refused(431, "the head is larger than the limit");

  head.path = head.query = head.host = head.authority = {};
  head.port = 0;
  std::string_view absolute_authority;
  if (const char* wrong = split_target(head, absolute_authority)) {
    return refused(head.method == "CONNECT" ? 405 : 400, wrong);
  }
  if (const char* wrong = read_hosts(head, absolute_authority)) return refused(400, wrong);
  BodyHeaders body;
  std::uint16_t status = 400;
  if (const char* wrong = read_body_headers(head.fields, body, status))
    return refused(status, wrong);
  if (body.has_encoding && head.minor == 0) return refused(400, "Transfer-Encoding in HTTP/1.0");
  head.framing = {};
  if (body.has_encoding) head.framing.kind = Framing::Kind::chunked;
  if (body.length > 0) head.framing = {Framing::Kind::length, body.length};

  head.keep_alive = head.minor >= 1;
  if (head.fields.has(Known::connection)) {
    if (connection_has(head.fields, "close")) {
      head.keep_alive = false;
    } else if (head.minor == 0) {
      head.keep_alive = connection_has(head.fields, "keep-alive");
    }
  }
  head.expect_continue = head.upgrade = false;
  if (head.fields.has(Known::expect)) {
    for (std::size_t i = 0; i < head.fields.list.size(); ++i) {
      if (head.fields.known[i] == Known::expect &&
          !same(head.fields.list[i].value, "100-continue")) {
        return refused(417, "an expectation other than 100-continue");
      }
    }
    head.expect_continue = head.minor >= 1;
  }
  if (head.fields.has(Known::upgrade)) {
    head.upgrade = head.minor >= 1 && !head.fields.repeats(Known::upgrade) &&
                   same(head.fields.get(Known::upgrade), "websocket") &&
                   connection_has(head.fields, "upgrade") && head.method == "GET" &&
                   head.framing.kind == Framing::Kind::none;
  }
  return fields;
}

Parsed parse_response(std::string_view bytes, const HeadLimits& limits, bool to_head,
                      ResponseHead& head) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* const line_end = find_control(begin, end);
  if (line_end == end || (line_end + 1 == end && *line_end == '\r')) {
    if (bytes.size() > limits.bytes) return refused(502, "a status line larger than the limit");
    const std::string_view start("HTTP/1.");
    if (!start.starts_with(bytes.substr(0, start.size())) && !bytes.starts_with(start)) {
      return refused(502, "not an HTTP/1 response");
    }
    return kIncomplete;
  }
  if (line_end[0] != '\r' || line_end[1] != '\n') return refused(502, "a bad status line");
  const std::string_view line(begin, static_cast<std::size_t>(line_end - begin));
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || (line[7] != '0' && line[7] != '1') ||
      line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) {
    return refused(502, "a bad status line");
  }
  head.minor = static_cast<std::uint8_t>(line[7] - '0');
  head.status = 0;
  for (int i = 9; i < 12; ++i) {
    if (line[i] < '0' || line[i] > '9') return refused(502, "a bad status code");
    head.status = static_cast<std::uint16_t>(head.status * 10 + (line[i] - '0'));
  }
  if (head.status < 100 || head.status > 599) return refused(502, "a bad status code");
  head.reason = line.size() > 13 ? line.substr(13) : std::string_view();

  Parsed fields = parse_fields(begin, line_end + 2, end, limits, head.fields);
  if (fields.kind == Parsed::Kind::incomplete && bytes.size() > limits.bytes) {
    return refused(502, "a head larger than the limit");
  }
  if (fields.kind == Parsed::Kind::refused) fields.status = 502;
  if (fields.kind != Parsed::Kind::done) return fields;

  BodyHeaders body;
  std::uint16_t status = 502;
  if (const char* wrong = read_body_headers(head.fields, body, status)) return refused(502, wrong);
  head.framing = {};
  if (to_head || head.status < 200 || head.status == 204 || head.status == 304) {
    head.framing.kind = Framing::Kind::none;
  } else if (body.has_encoding) {
    head.framing.kind = Framing::Kind::chunked;
  } else if (body.has_length) {
    if (body.length > 0) head.framing = {Framing::Kind::length, body.length};
  } else {
    head.framing.kind = Framing::Kind::until_close;
  }
  head.keep_alive = head.minor >= 1;
  if (head.fields.has(Known::connection)) {
    if (connection_has(head.fields, "close")) {
      head.keep_alive = false;
    } else if (head.minor == 0) {
      head.keep_alive = connection_has(head.fields, "keep-alive");
    }
  }
  // RFC 9112 section 6.1: Transfer-Encoding in HTTP/1.0 is a faulty framing.
  if (body.has_encoding && head.minor == 0) head.keep_alive = false;
  if (head.framing.kind == Framing::Kind::until_close) head.keep_alive = false;
  return fields;
}

Parsed parse_trailers(std::string_view bytes, const HeadLimits& limits, Fields& fields) {
  const Parsed parsed =
      parse_fields(bytes.data(), bytes.data(), bytes.data() + bytes.size(), limits, fields);
  if (parsed.kind == Parsed::Kind::incomplete && bytes.size() > limits.bytes) {
    return refused(431, "trailers larger than the limit");
  }
  if (parsed.kind != Parsed::Kind::done) return parsed;
  for (const Known known : fields.known) {
    if (known != Known::other) return refused(400, "a trailer that may not be one");
  }
  return parsed;
}

}  // namespace weir::http
