// What a group's policies have learned, as it is kept in the store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scale/learned.h"

namespace weir::control {

struct LearnedRecord {
  WallTime at{};
  std::vector<scale::Learned> policies;  // of those that learn, in the order of the configuration
};

// JSON; numbers with six digits.
std::string text_of(const LearnedRecord& record);
// What cannot be read is left out.
LearnedRecord learned_of(std::string_view text);

}  // namespace weir::control
