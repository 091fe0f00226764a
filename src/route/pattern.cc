#include "route/pattern.h"

#include <algorithm>

namespace weir::route {

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = lower_case(c);
  return lowered;
}

Pattern::Pattern(std::string_view text, Case letters) : letters_(letters) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    char wild = c == '*' || c == '?' ? c : '\0';
    if (c == '\\' && i + 1 < text.size() &&
        std::string_view("*?\\").find(text[i + 1]) != std::string_view::npos) {
      c = text[++i];
      wild = '\0';
    }
    text_ += letters == Case::ignored ? lower_case(c) : c;
    wild_ += wild;
  }
  literal_ = std::min(wild_.find_first_not_of('\0'), wild_.size());
}

// Each star takes as little as it can; on a mismatch only the last star takes one more, because
// what stands before it has found its earliest place already.
bool Pattern::run(std::string_view text, Taken* taken) const {
  if (is_literal() && text.size() != text_.size()) return false;
  constexpr auto kNone = std::string_view::npos;
  std::size_t t = 0, p = 0, star = kNone, from = 0, to = 0, number = 0;
  // The last star has found its place: it took text[from, to).
  const auto settle = [&] {
    if (taken && star != kNone && number < taken->size()) {
      (*taken)[number] = text.substr(from, to - from);
    }
    if (star != kNone) ++number;
  };
  while (t < text.size()) {
    if (p < text_.size() && is_star(p)) {
      settle();
      star = p++;
      from = to = t;
      if (p == text_.size()) {
        to = t = text.size();
        break;
      }
    } else if (p < text_.size() && same(text[t], p)) {
      ++t;
      ++p;
    } else if (star != kNone) {
      p = star + 1;
      t = ++to;
    } else {
      return false;
    }
  }
  while (p < text_.size() && is_star(p)) {
    settle();
    star = p++;
    from = to = t;
  }
  settle();
  return p == text_.size();
}

}  // namespace weir::route
