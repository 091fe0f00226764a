#include "model/url.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir {
namespace {

constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestUrl = 4096;

auto bad_url(std::string what) { return fail(Code::invalid, std::move(what)); }

bool is_v6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_name(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= kLongestHost && std::ranges::all_of(text, good);
}

Result<std::uint16_t> port_in(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535) {
    return bad_url(fmt::format("port '{}' is none; write 1 to 65535", text));
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return bad_url("is longer than 4096 bytes");
  for (const char c : text) {
    if (c <= ' ' || c == 0x7f)
      return bad_url("holds a space or control character; write it as %20");
    if (static_cast<unsigned char>(c) > 0x7f) return bad_url("is not ASCII; escape it with %");
  }
  Url url;
  if (text.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
  } else if (!text.starts_with("http://")) {
    return bad_url("begins with neither http:// nor https://");
  }
  text.remove_prefix(url.tls ? 8 : 7);
  if (text.find('#') != text.npos) return bad_url("has a fragment (#...), which is never sent");
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (authority.find('@') != authority.npos) {
    return bad_url("names a user before '@', which is not sent");
  }
  std::string_view rest;  // of the authority, behind the host
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos) return bad_url("has no ']' behind its address");
    url.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
    if (!is_v6(url.host)) return bad_url(fmt::format("'[{}]' is no IPv6 address", url.host));
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    rest = authority.substr(colon);
    for (char& c : url.host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!is_name(url.host)) return bad_url(fmt::format("'{}' is no host name", url.host));
  }
  if (rest.empty()) return url;
  if (rest.front() != ':') return bad_url("has something between its host and its path");
  TRY(url.port, port_in(rest.substr(1)));
  return url;
}

std::string authority_of(const Url& url) {
  const std::string host = url.host.find(':') == url.host.npos ? url.host : "[" + url.host + "]";
  return url.port == (url.tls ? 443 : 80) ? host : fmt::format("{}:{}", host, url.port);
}

}  // namespace weir
