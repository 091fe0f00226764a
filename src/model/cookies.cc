#include "model/cookies.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace weir {
std::optional<CookieView> next_cookie(std::string_view& header) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = pair.find('=');
    if (equals == pair.npos) continue;
    const std::string_view name = trim(pair.substr(0, equals));
    if (name.empty()) continue;
    return CookieView{name, trim(pair.substr(equals + 1))};
  }
  return std::nullopt;
}

std::string_view set_cookie_name(std::string_view header) {
  const std::string_view pair = header.substr(0, header.find(';'));
  const auto equals = pair.find('=');
  return equals == pair.npos ? std::string_view{} : trim(pair.substr(0, equals));
}

bool is_cookie_name(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return plain || kMarks.find(c) != kMarks.npos;
  });
}

std::string write_set_cookie(std::string_view name, std::string_view value, Duration lifetime,
                             CrossSite cross_site) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  return fmt::format("{}={}; Max-Age={}; Path=/; HttpOnly{}", name, value, seconds,
                     cross_site == CrossSite::yes ? "; SameSite=None; Secure" : "");
}

}  // namespace weir
