// season: where in the history the same time of an earlier season lies.
#pragma once

#include <cstdint>

namespace weir::forecast {

// How many steps before the last one the latest step lies that is a whole number of seasons before
// the step `lead` ahead.
inline std::uint64_t same_time_ago(std::uint32_t lead, std::uint32_t season) {
  const std::uint64_t seasons = (std::uint64_t{lead} + season - 1) / season;
  return seasons * season - lead;
}

}  // namespace weir::forecast
