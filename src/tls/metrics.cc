#include "tls/metrics.h"

namespace weir::tls::metrics {

#define COUNTER(name, help, ...) \
  const observe::Family name{"weir_tls_" #name, help, observe::Kind::counter, {__VA_ARGS__}};
#include "tls/metrics.def"
#undef COUNTER

}  // namespace weir::tls::metrics
