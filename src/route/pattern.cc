#include "route/pattern.h"

#include <algorithm>

namespace weir::route {

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = lower_case(c);
  return lowered;
}

Pattern::Pattern(std::string_view text, Case letters)
    : text_(letters == Case::ignored ? lower_case(text) : std::string(text)),
      literal_(std::min(text_.find_first_of("*?"), text_.size())),
      letters_(letters) {}

// Each star takes as little as it can; on a mismatch only the last star takes one more, because
// what stands before it has found its earliest place already.
bool Pattern::matches(std::string_view text) const {
  if (is_literal() && text.size() != text_.size()) return false;
  constexpr auto kNone = std::string_view::npos;
  std::size_t t = 0, p = 0, star = kNone, taken = 0;
  while (t < text.size()) {
    if (p < text_.size() && text_[p] == '*') {
      if (p + 1 == text_.size()) return true;
      star = p++;
      taken = t;
    } else if (p < text_.size() && same(text[t], text_[p])) {
      ++t;
      ++p;
    } else if (star != kNone) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < text_.size() && text_[p] == '*') ++p;
  return p == text_.size();
}

}  // namespace weir::route
