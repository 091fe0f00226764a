#include "model/latency_goal.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/units.h"

namespace weir {
namespace {

using Of = LatencyGoal::Of;

std::string without_spaces(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ') result += c;
  }
  return result;
}

// Takes the word at the front, if it is one.
Of take_subject(std::string_view& text) {
  for (const Of of : {Of::total, Of::first_byte, Of::wait}) {
    const std::string_view word = to_string(of);
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    return of;
  }
  return Of::total;
}

std::optional<double> percentile_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value > 0 && value < 100)) return std::nullopt;
  return value;
}

}  // namespace

Result<LatencyGoal> parse_latency_goal(std::string_view text) {
  const std::string plain = without_spaces(text);
  std::string_view left = plain;
  LatencyGoal goal;
  goal.of = take_subject(left);
  const auto sign = left.find('<');
  if (!left.starts_with('p') || sign == std::string_view::npos) {
    return fail(Code::invalid, fmt::format("'{}' is no goal such as p95<2s", text));
  }
  const auto percentile = percentile_of(left.substr(1, sign - 1));
  if (!percentile) {
    return fail(Code::invalid, fmt::format("'{}': the percentile is above 0 and below 100", text));
  }
  goal.percentile = *percentile;
  const auto bound = parse_duration(left.substr(sign + 1));
  if (!bound) return fail(fmt::format("'{}'", text), bound.error());
  if (*bound <= 0s) return fail(Code::invalid, fmt::format("'{}': the bound is above 0", text));
  goal.bound = *bound;
  return goal;
}

std::string to_string(const LatencyGoal& goal) {
  const std::string subject = goal.of == Of::total ? "" : fmt::format("{} ", to_string(goal.of));
  return fmt::format("{}p{}<{}", subject, goal.percentile, to_string(goal.bound));
}

std::string_view to_string(Of of) {
  switch (of) {
    case Of::total:
      return "total";
    case Of::first_byte:
      return "first_byte";
    case Of::wait:
      return "wait";
  }
  return "";
}

}  // namespace weir
