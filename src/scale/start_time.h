// start_time: how long an instance of a group takes from its order to service. Pure.
#pragma once

#include <optional>

#include "scale/facts.h"

namespace weir::scale {

// The longest of the latest five that have started under this weir's eyes; nothing before one has.
std::optional<Duration> measured_start(const GroupFacts& facts);

}  // namespace weir::scale
