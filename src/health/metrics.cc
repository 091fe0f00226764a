#include "health/metrics.h"

namespace weir::health::metrics {

#define COUNTER(name, help, ...) \
  const observe::Family name{"weir_health_" #name, help, observe::Kind::counter, {__VA_ARGS__}};
#define HISTOGRAM(name, help, ...) \
  const observe::Family name{"weir_health_" #name, help, observe::Kind::histogram, {__VA_ARGS__}};
#include "health/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::health::metrics
