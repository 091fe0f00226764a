#include "api/aws/metrics.h"

namespace weir::amazon::metrics {

#define COUNTER(name, help, ...) \
  const observe::Family name{"weir_aws_" #name, help, observe::Kind::counter, {__VA_ARGS__}};
#define HISTOGRAM(name, help, ...) \
  const observe::Family name{"weir_aws_" #name, help, observe::Kind::histogram, {__VA_ARGS__}};
#include "api/aws/metrics.def"
#undef COUNTER
#undef HISTOGRAM

}  // namespace weir::amazon::metrics
