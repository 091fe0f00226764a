#include "config/checks.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "config/reader.h"

namespace weir::config {

std::string OneOf::range() const { return fmt::format("{}", fmt::join(words, ", ")); }

Verdict OneOf::operator()(const std::string& value) const {
  if (std::find(words.begin(), words.end(), value) != words.end()) return std::nullopt;
  if (value.empty()) return Complaint{"is missing", "write one of " + range()};
  return Complaint{fmt::format("'{}' is not known", shorten(value)), did_you_mean(value, words)};
}

}  // namespace weir::config
