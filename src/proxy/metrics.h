// The metrics of the data plane; rows in metrics.def.
#pragma once

#include "observe/metrics.h"

namespace weir::proxy::metrics {

#define COUNTER(name, help, ...) extern const observe::Family name;
#define HISTOGRAM(name, help, ...) extern const observe::Family name;
#include "proxy/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::proxy::metrics
