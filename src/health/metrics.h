// The metrics of health checks; rows in metrics.def.
#pragma once

#include "observe/metrics.h"

namespace weir::health::metrics {

#define COUNTER(name, help, ...) extern const observe::Family name;
#define HISTOGRAM(name, help, ...) extern const observe::Family name;
#include "health/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::health::metrics
