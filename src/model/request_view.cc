#include "model/request_view.h"

#include "model/cookies.h"

namespace weir {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<std::string_view> RequestView::header(std::string_view name) const {
  for (const HeaderView& h : headers) {
    if (equal_ignoring_case(h.name, name)) return h.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> RequestView::cookie(std::string_view name) const {
  for (const HeaderView& h : headers) {
    if (!equal_ignoring_case(h.name, "cookie")) continue;
    std::string_view rest = h.value;
    while (const auto cookie = next_cookie(rest)) {
      if (cookie->name == name) return cookie->value;
    }
  }
  return std::nullopt;
}

}  // namespace weir
