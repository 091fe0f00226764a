// The metrics of the AWS API; rows in metrics.def.
#pragma once

#include "observe/metrics.h"

namespace weir::amazon::metrics {

#define COUNTER(name, help, ...) extern const observe::Family name;
#define HISTOGRAM(name, help, ...) extern const observe::Family name;
#include "api/aws/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::amazon::metrics
