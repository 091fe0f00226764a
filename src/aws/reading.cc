#include "aws/reading.h"

#include <fmt/format.h>

#include "aws/text.h"

namespace weir::aws {

void Reading::complain(std::string_view path, Kind wanted) {
  if (malformed.size() < kMostComplaints) {
    malformed.push_back(
        fmt::format("'{}' must be {}", path.empty() ? "the body" : path, noun(wanted)));
  }
}

void Reading::ignore(std::string_view name) {
  if (unknown++ == 0) first_unknown = name.substr(0, 200);
}

Path::Step Path::Step::member(Path& path, std::string_view name) {
  std::string small(name);
  if (!small.empty() && small[0] >= 'A' && small[0] <= 'Z') small[0] += 'a' - 'A';
  return Step(path, small);
}

Path::Step Path::Step::item(Path& path, std::size_t number) {
  return Step(path, fmt::format("{}.member", number));
}

}  // namespace weir::aws
