// Times of day as text: RFC 3339. to_string is in units.h.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

// 2026-12-24T08:00:00Z, 2026-12-24T08:00:00.5+01:00, and without seconds. A zone is required; a
// leap second is refused. Years 1970 to 2200.
Result<WallTime> parse_wall_time(std::string_view text);

}  // namespace weir
