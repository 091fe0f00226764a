#include "model/plain_url.h"

#include <algorithm>
#include <charconv>

namespace weir {
namespace {

bool plain(char c) { return c > ' ' && c < 127; }

bool of_host(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

Result<std::uint16_t> port_of(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return fail(Code::invalid, "its port is not one from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

// What stands before the path: HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT.
Result<> read_authority(std::string_view text, PlainUrl& url) {
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return fail(Code::invalid, "its '[' is not closed");
    end = close + 1;
    const auto inside = text.substr(1, close - 1);
    if (inside.empty() ||
        inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return fail(Code::invalid, "no address stands in its brackets");
    }
  } else if (!std::ranges::all_of(text.substr(0, end), of_host)) {
    return fail(Code::invalid, "its host is no name and no address");
  }
  url.host = text.substr(0, end);
  if (url.host.empty()) return fail(Code::invalid, "it names no host");
  if (end >= text.size()) return {};
  if (text[end] != ':') return fail(Code::invalid, "something stands behind its address");
  TRY(url.port, port_of(text.substr(end + 1)));
  return {};
}

}  // namespace

Result<PlainUrl> parse_plain_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return fail(Code::invalid, "it does not begin with http://");
  if (!std::ranges::all_of(text, plain)) return fail(Code::invalid, "it has a space or worse");
  if (text.find('#') != std::string_view::npos) return fail(Code::invalid, "it has a fragment");
  text.remove_prefix(kScheme.size());
  const auto slash = std::min(text.find_first_of("/?"), text.size());
  PlainUrl url;
  TRY_VOID(read_authority(text.substr(0, slash), url));
  if (slash < text.size()) url.path = text[slash] == '/' ? "" : "/";
  if (slash < text.size()) url.path += text.substr(slash);
  return url;
}

}  // namespace weir
