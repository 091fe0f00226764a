// The metrics of TLS; rows in metrics.def.
#pragma once

#include "observe/metrics.h"

namespace weir::tls::metrics {

#define COUNTER(name, help, ...) extern const observe::Family name;
#include "tls/metrics.def"
#undef COUNTER

}  // namespace weir::tls::metrics
