#include "model/request_view.h"

namespace weir {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

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
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const std::string_view pair = rest.substr(0, end);
      rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
      const auto equals = pair.find('=');
      if (equals != pair.npos && trim(pair.substr(0, equals)) == name) {
        return trim(pair.substr(equals + 1));
      }
    }
  }
  return std::nullopt;
}

}  // namespace weir
