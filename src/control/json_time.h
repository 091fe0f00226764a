// Times as records hold them: nanoseconds since the epoch.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace weir::control {

inline std::int64_t ns_of(WallTime t) { return t.time_since_epoch().count(); }
inline WallTime wall_of(std::int64_t ns) { return WallTime(Duration(ns)); }

}  // namespace weir::control
