#include "proxy/metrics.h"

namespace weir::proxy::metrics {

#define COUNTER(name, help, ...) \
  const observe::Family name{"weir_proxy_" #name, help, observe::Kind::counter, {__VA_ARGS__}};
#define HISTOGRAM(name, help, ...) \
  const observe::Family name{"weir_proxy_" #name, help, observe::Kind::histogram, {__VA_ARGS__}};
#include "proxy/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::proxy::metrics
