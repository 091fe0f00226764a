#include "model/desired_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/regex.h"
#include "base/wall_time.h"
#include "config/reader.h"
#include "model/ip.h"
#include "model/url.h"

namespace weir::syntax {
namespace {

using config::Complaint;
using config::shorten;

constexpr std::size_t kLongestSocketPath = 107;  // sun_path less its final zero

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <class F>
bool all_of(std::string_view text, F is) {
  return std::all_of(text.begin(), text.end(), is);
}

// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && all_of(text, [&](char c) {
    return is_digit(c) || is_letter(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool has_space_or_control(std::string_view text) {
  return !all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

Verdict no(std::string what, std::string remedy) {
  return Complaint{std::move(what), std::move(remedy)};
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (std::size_t start = 0; start <= host.size();) {
    const std::size_t dot = std::min(host.find('.', start), host.size());
    const std::string_view label = host.substr(start, dot - start);
    const bool last_and_rooted = label.empty() && dot == host.size() && start > 0;
    const bool plain =
        all_of(label, [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_'; });
    const bool good = !label.empty() && label.size() <= 63 && plain && label.front() != '-' &&
                      label.back() != '-';
    if (!good && !last_and_rooted) return false;
    start = dot + 1;
  }
  return true;
}

Verdict check_port(std::string_view port, const std::string& text) {
  if (port.empty()) {
    return no(fmt::format("'{}' has no port", shorten(text)), "write one behind the ':'");
  }
  const auto value = number(port);
  if (!value) {
    const bool large = all_of(port, is_digit);
    return no(fmt::format("port {} is {}", shorten(port), large ? "above 65535" : "not a number"),
              "write a port from 1 to 65535");
  }
  if (*value > 65535) {
    return no(fmt::format("port {} is above 65535", *value), "write a port from 1 to 65535");
  }
  return std::nullopt;
}

Verdict unix_address(const std::string& text) {
  return socket_path(text.substr(std::string_view("unix:").size()));
}

// What is common to binds and endpoints; takes host and port apart.
Verdict host_and_port(const std::string& text, const std::string& example, std::string& host,
                      std::string& port) {
  if (const auto scheme = text.find("://"); scheme != std::string::npos) {
    std::string rest = text.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    if (rest.find(':') == std::string::npos) rest += text.starts_with("https") ? ":443" : ":80";
    return no(fmt::format("'{}' is a URL", shorten(text)), "write " + shorten(rest));
  }
  if (has_space_or_control(text)) {
    return no(fmt::format("'{}' contains a space", shorten(text)), "write " + example);
  }
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    const std::string remedy = slash == 0
                                   ? fmt::format("write unix:{} for a Unix socket", shorten(text))
                                   : "leave out what follows the port";
    return no(fmt::format("'{}' contains a path", shorten(text)), remedy);
  }
  if (text.front() == '[') {
    const auto close = text.find("]:");
    if (close == std::string::npos) {
      return no(fmt::format("'{}' has no port behind its ']'", shorten(text)), "write [::1]:8080");
    }
    host = text.substr(1, close - 1);
    port = text.substr(close + 2);
    if (!parse_ip(host) || host.find(':') == std::string::npos) {
      return no(fmt::format("'{}' is not an IPv6 address", shorten(host)), "write [::1]:8080");
    }
    return std::nullopt;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    if (all_of(text, is_digit)) {
      return no(fmt::format("'{}' is a port without an address", shorten(text)),
                "write " + example.substr(0, example.rfind(':')) + ":" + shorten(text));
    }
    return no(fmt::format("'{}' has no port", shorten(text)),
              fmt::format("write {}:8080", shorten(text)));
  }
  host = text.substr(0, colon);
  port = text.substr(colon + 1);
  if (host.find(':') != std::string::npos) {
    const bool split = parse_ip(host) && !port.empty() && all_of(port, is_digit);
    const std::string remedy = split ? fmt::format("write [{}]:{}", shorten(host), port)
                                     : fmt::format("write [{}]:8080", shorten(text));
    return no(fmt::format("'{}' is an IPv6 address without brackets", shorten(text)), remedy);
  }
  return std::nullopt;
}

bool numeric_like(std::string_view host) {
  return all_of(host, [](char c) { return is_digit(c) || c == '.'; });
}

}  // namespace

std::optional<Address> split_address(const std::string& text) {
  if (text.empty() || endpoint_address(text)) return std::nullopt;
  Address address;
  if (text.starts_with("unix:")) {
    address.path = text.substr(5);
    return address;
  }
  const auto colon = text.rfind(':');
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[')) address.host = address.host.substr(1, colon - 2);
  address.is_ip = parse_ip(address.host).has_value();
  address.port = static_cast<std::uint16_t>(*number(std::string_view(text).substr(colon + 1)));
  return address;
}

bool overlap(const Address& a, const Address& b) {
  if (!a.path.empty() || !b.path.empty()) return a.path == b.path;
  if (a.port == 0 || a.port != b.port) return false;
  const auto ip = [](const Address& x) { return parse_ip(x.host); };
  const auto first = ip(a);
  const auto second = ip(b);
  if (!first || !second) return a.host == b.host;
  if (*first == *second) return true;
  const auto covers = [](const Ip& wide, const Ip& other) {
    // [::] takes IPv6 alone, as weir opens its sockets; 0.0.0.0 takes all IPv4.
    const bool wildcard = wide == *parse_ip("0.0.0.0") || wide == *parse_ip("::");
    return wildcard && wide.is_v4() == other.is_v4();
  };
  return covers(*first, *second) || covers(*second, *first);
}

bool is_loopback(const Address& address) {
  if (!address.path.empty() || address.host == "localhost") return true;
  const auto ip = parse_ip(address.host);
  if (!ip) return false;
  return *ip == *parse_ip("::1") || parse_cidr("127.0.0.0/8")->contains(*ip);
}

Verdict bind_address(const std::string& text) {
  if (text.starts_with("unix:")) return unix_address(text);
  std::string host;
  std::string port;
  if (Verdict bad = host_and_port(text, "0.0.0.0:8080", host, port)) return bad;
  if (Verdict bad = check_port(port, text)) return bad;
  if (host.empty() || host == "*") {
    return no(fmt::format("'{}' has no address", shorten(text)),
              fmt::format("write 0.0.0.0:{} for all IPv4 addresses, [::]:{} for IPv6", port, port));
  }
  if (!parse_ip(host)) {
    if (numeric_like(host)) {
      return no(fmt::format("'{}' is not an IPv4 address", shorten(host)),
                "write four numbers from 0 to 255 with dots between them");
    }
    const std::string remedy = host == "localhost" ? fmt::format("write 127.0.0.1:{}", port)
                                                   : "write the IP address of this machine";
    return no(fmt::format("'{}' is a name, and only an IP address can be bound", shorten(host)),
              remedy);
  }
  return std::nullopt;
}

Verdict endpoint_address(const std::string& text) {
  if (text.starts_with("unix:")) return unix_address(text);
  std::string host;
  std::string port;
  if (Verdict bad = host_and_port(text, "127.0.0.1:8080", host, port)) return bad;
  if (Verdict bad = check_port(port, text)) return bad;
  if (host.empty()) {
    return no(fmt::format("'{}' has no host", shorten(text)),
              fmt::format("write 127.0.0.1:{}", port));
  }
  if (parse_ip(host)) return std::nullopt;
  if (numeric_like(host)) {
    return no(fmt::format("'{}' is not an IPv4 address", shorten(host)),
              "write four numbers from 0 to 255 with dots between them");
  }
  if (!is_host_name(host)) {
    return no(fmt::format("'{}' is not a host name", shorten(host)),
              "write letters, digits, '-' and '.'");
  }
  return std::nullopt;
}

Verdict resource_name(const std::string& text) {
  const bool plain =
      all_of(text, [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_'; });
  if (text.empty()) return no("a name is empty", "write one");
  if (!plain) {
    return no(fmt::format("the name '{}' has a character that no name may have", shorten(text)),
              "use letters, digits, '-' and '_'");
  }
  if (text.size() > 64) {
    return no(fmt::format("the name '{}' is longer than 64", shorten(text)), "shorten it");
  }
  return std::nullopt;
}

Verdict host_pattern(const std::string& text) {
  if (text.find("://") != std::string::npos || text.find('/') != std::string::npos) {
    return no(fmt::format("'{}' is a URL, not a host", shorten(text)),
              "write the host alone, and the path under path:");
  }
  const auto colon = text.rfind(':');
  if (colon != std::string::npos && text.front() != '[') {
    return no(fmt::format("'{}' has a port", shorten(text)),
              fmt::format("write '{}': hosts are compared without the port",
                          shorten(text.substr(0, colon))));
  }
  const bool plain = all_of(text, [](char c) {
    return is_digit(c) || is_letter(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("-._*?[]:").find(c) != std::string_view::npos;
  });
  if (!plain) {
    return no(fmt::format("'{}' has a character that no host has", shorten(text)),
              "write a host name with * and ? as wildcards");
  }
  return std::nullopt;
}

Verdict path_pattern(const std::string& text) {
  if (text.find("://") != std::string::npos) {
    return no(fmt::format("'{}' is a URL", shorten(text)), "write the path alone: /v1/*");
  }
  if (text.front() != '/' && text.front() != '*') {
    return no(fmt::format("'{}' does not start with '/'", shorten(text)),
              fmt::format("write /{}", shorten(text)));
  }
  if (has_space_or_control(text) || text.find('#') != std::string::npos) {
    return no(fmt::format("'{}' has a character that no path has", shorten(text)),
              "write it percent-encoded, as it is sent");
  }
  const auto question = text.find('?');
  if (question != std::string::npos && text.find('=', question) != std::string::npos) {
    return no(fmt::format("'{}' contains a query", shorten(text)),
              "match it by query: { key: value }");
  }
  return std::nullopt;
}

Verdict method(const std::string& text) {
  if (!is_token(text) || text == "*") {
    return no(fmt::format("'{}' is not a method", shorten(text)), "write one such as GET");
  }
  std::string upper = text;
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (upper != text) {
    return no(
        fmt::format("'{}' is in small letters, and methods are compared exactly", shorten(text)),
        "write " + shorten(upper));
  }
  return std::nullopt;
}

Verdict header_name(const std::string& text) {
  if (!is_token(text)) {
    return no(fmt::format("'{}' is not a header name", shorten(text)),
              "write letters, digits and '-', without ':'");
  }
  return std::nullopt;
}

Verdict source_block(const std::string& text) {
  const auto block = parse_cidr(text);
  if (!block) {
    return no(fmt::format("'{}' is not a CIDR block", shorten(text)),
              "write an address and the bits that count: 10.0.0.0/8 or 2001:db8::/32");
  }
  const auto ip = parse_ip(text.substr(0, text.find('/')));
  if (ip && *ip != block->base) {
    return no(fmt::format("'{}' has bits set behind its prefix", shorten(text)),
              "write " + weir::to_string(*block));
  }
  return std::nullopt;
}

Verdict retry_cause(const std::string& text) {
  for (const std::string_view known : {"connect-failure", "unanswered", "5xx", "gateway-error"}) {
    if (text == known) return std::nullopt;
  }
  const auto code = number(text);
  if (code && *code >= 400 && *code <= 599) return std::nullopt;
  return no(fmt::format("'{}' is nothing to retry on", shorten(text)),
            "write connect-failure, unanswered, 5xx, gateway-error, or a status code from 400 to "
            "599");
}

Verdict budget_key(const std::string& text) {
  constexpr std::string_view kHeader = "header:";
  if (text == "source" || text == "route") return std::nullopt;
  if (text.starts_with(kHeader)) {
    if (is_token(std::string_view(text).substr(kHeader.size()))) return std::nullopt;
    return no(fmt::format("'{}' names no header", shorten(text)), "write header:NAME");
  }
  return no(fmt::format("'{}' is not a key of a budget", shorten(text)),
            "write source, header:NAME or route");
}

Verdict health_code(const std::string& text) {
  if (text.find(',') != std::string::npos) {
    return no(fmt::format("'{}' is not a status code", shorten(text)), "write a list: [200, 204]");
  }
  const auto dash = text.find('-');
  const auto first = number(std::string_view(text).substr(0, dash));
  const auto last =
      dash == std::string::npos ? first : number(std::string_view(text).substr(dash + 1));
  if (!first || !last) {
    return no(fmt::format("'{}' is not a status code", shorten(text)),
              "write a code or a range: 200 or 200-399");
  }
  if (*first < 100 || *last > 599) {
    return no(fmt::format("'{}' is outside 100 to 599", shorten(text)),
              "write a code or a range: 200 or 200-399");
  }
  if (*first > *last) {
    return no(fmt::format("'{}' runs backwards", shorten(text)),
              fmt::format("write {}-{}", *last, *first));
  }
  return std::nullopt;
}

Verdict url_path(const std::string& text) {
  if (text.front() != '/') {
    return no(fmt::format("'{}' does not start with '/'", shorten(text)),
              fmt::format("write /{}", shorten(text)));
  }
  if (has_space_or_control(text)) {
    return no(fmt::format("'{}' contains a space", shorten(text)), "write it as %20");
  }
  return std::nullopt;
}

Verdict hash_key(const std::string& text) {
  if (text == "path" || text == "source" || text == "flow") return std::nullopt;
  for (const std::string_view kind : {"header:", "cookie:"}) {
    if (!text.starts_with(kind)) continue;
    if (is_token(std::string_view(text).substr(kind.size()))) return std::nullopt;
    return no(fmt::format("'{}' names no {}", shorten(text), kind.substr(0, kind.size() - 1)),
              fmt::format("write {}NAME", kind));
  }
  return no(fmt::format("'{}' is not a key to hash", shorten(text)),
            "write header:NAME, cookie:NAME, path, source or flow");
}

Verdict file_path(const std::string& text) {
  if (text.find('\0') != std::string::npos) return no("contains a zero byte", "remove it");
  if (text.back() == '/') {
    return no(fmt::format("'{}' is a folder", shorten(text)), "name the file in it");
  }
  return std::nullopt;
}

Verdict socket_path(const std::string& text) {
  if (text.empty() || text.front() != '/') {
    return no(fmt::format("the socket path '{}' is not absolute", shorten(text)),
              "start it with '/'");
  }
  if (text.size() > kLongestSocketPath) {
    return no(
        fmt::format("a socket path of {} bytes is longer than {}", text.size(), kLongestSocketPath),
        "choose a shorter folder, such as /run/weir");
  }
  return file_path(text);
}

Verdict wall_time(const std::string& text) {
  if (const auto time = parse_wall_time(text); !time) {
    return no(time.error().message, "write date, time and zone, such as 2026-12-24T08:00:00Z");
  }
  return std::nullopt;
}

Verdict url(const std::string& text) {
  if (const auto url = parse_url(text); !url) {
    return no(fmt::format("'{}' {}", shorten(text), url.error().message),
              "write it as https://hooks.example.com/weir");
  }
  return std::nullopt;
}

Verdict variable_name(const std::string& text) {
  const bool plain = all_of(text, [](char c) { return is_digit(c) || is_letter(c) || c == '_'; });
  if (text.empty() || !plain || is_digit(text.front())) {
    return no(fmt::format("'{}' is not the name of a variable", shorten(text)),
              "use letters, digits and '_', not a digit first");
  }
  if (text == "WEIR_PORT" || text == "WEIR_INSTANCE") {
    return no(fmt::format("{} is set by weir", text), "remove it");
  }
  return std::nullopt;
}

Verdict media_type(const std::string& text) {
  const bool printable = all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  const auto slash = text.find('/');
  if (!printable || slash == std::string::npos || slash == 0 || slash + 1 == text.size()) {
    return no(fmt::format("'{}' is not a media type", shorten(text)),
              "write one such as application/json");
  }
  return std::nullopt;
}

Verdict placeholders(const std::string& text) {
  for (auto at = text.find("#{"); at != std::string::npos; at = text.find("#{", at + 2)) {
    const auto close = text.find('}', at);
    const std::string name = close == std::string::npos ? "" : text.substr(at + 2, close - at - 2);
    for (const std::string_view known : {"protocol", "host", "port", "path", "query"}) {
      if (name == known) at = close;
    }
    if (at != close) {
      return no(fmt::format("'{}' has an unknown placeholder", shorten(text)),
                "write #{protocol}, #{host}, #{port}, #{path} or #{query}");
    }
  }
  return std::nullopt;
}

Verdict regex(const std::string& text) {
  const auto made = Regex::compile(text, false);
  if (made) return std::nullopt;
  return no(fmt::format("the expression '{}' {}", shorten(text), made.error().message),
            "`weir describe path_regex` and the guide of rules show what there is");
}

Verdict cookie_name(const std::string& text) {
  if (!is_token(text)) {
    return no(fmt::format("'{}' is not the name of a cookie", shorten(text)),
              "write letters, digits and '-'");
  }
  return std::nullopt;
}

Verdict header_value(const std::string& text) {
  const bool plain = all_of(text, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
  if (!plain) return no("has a control character, or a line break", "remove it");
  if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) {
    return no("begins or ends with a space", "remove it: a header value has none there");
  }
  return std::nullopt;
}

std::optional<PortRange> split_ports(const std::string& text) {
  if (port_range(text)) return std::nullopt;
  const auto dash = text.find('-');
  const auto first = number(std::string_view(text).substr(0, dash));
  const auto last = number(std::string_view(text).substr(dash + 1));
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

Verdict port_range(const std::string& text) {
  const auto dash = text.find('-');
  if (dash == std::string::npos) {
    return no(fmt::format("'{}' is not a range of ports", shorten(text)), "write 20000-29999");
  }
  const auto first = number(std::string_view(text).substr(0, dash));
  const auto last = number(std::string_view(text).substr(dash + 1));
  if (!first || !last) {
    return no(fmt::format("'{}' is not a range of ports", shorten(text)), "write 20000-29999");
  }
  if (*first < 1024 || *last > 65535) {
    return no(fmt::format("'{}' is outside 1024 to 65535", shorten(text)), "write 20000-29999");
  }
  if (*first > *last) {
    return no(fmt::format("'{}' runs backwards", shorten(text)),
              fmt::format("write {}-{}", *last, *first));
  }
  return std::nullopt;
}

bool is_prime(std::uint32_t n) {
  if (n < 4) return n > 1;
  if (n % 2 == 0) return false;
  for (std::uint64_t d = 3; d * d <= n; d += 2) {
    if (n % d == 0) return false;
  }
  return true;
}

std::uint32_t next_prime(std::uint32_t n) {
  while (!is_prime(n)) ++n;
  return n;
}

}  // namespace weir::syntax
