#include "health/codes.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace weir::health {
namespace {

std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool accepts(const Names& codes, std::uint16_t status) {
  for (const std::string_view code : codes) {
    const auto dash = code.find('-');
    const auto first = number(code.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : number(code.substr(dash + 1));
    if (first && last && *first <= status && status <= *last) return true;
  }
  return false;
}

}  // namespace weir::health
