#include "scale/learned.h"

#include <algorithm>
#include <cmath>

namespace weir::scale {

const std::vector<double>* row(const Learned& learned, std::string_view name, std::size_t size) {
  const auto found = learned.find(name);
  if (found == learned.end() || found->second.size() != size) return nullptr;
  const bool good =
      std::ranges::all_of(found->second, [](double one) { return std::isfinite(one) && one >= 0; });
  return good ? &found->second : nullptr;
}

}  // namespace weir::scale
