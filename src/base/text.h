// Small helpers for text. Pure; any thread.
#pragma once

#include <string_view>

namespace weir {

// Without what stands of `blanks` at its begin and end.
inline std::string_view trim(std::string_view text, std::string_view blanks = " \t") {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace weir
