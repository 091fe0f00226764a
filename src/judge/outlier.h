// Outlier detection by failures in a row: traffic itself tells that an endpoint is unfit.
#pragma once

#include <cstdint>

#include "judge/ejection.h"

namespace weir::judge {

struct OutlierVerdict {
  bool ejected = false;        // this result ejected the endpoint
  Duration length{0};          // for so long
  std::uint32_t failures = 0;  // in a row, that led to it
  std::uint32_t in_a_row = 0;  // ejections, this one included
  explicit operator bool() const { return ejected; }
};

// Notes how one request to the endpoint with this `load` ended; a failure is a connect failure, a
// reset, a timeout or a 5xx. A cancelled request is not to be noted. Any thread; a success on an
// endpoint without failures writes nothing. Failures of requests sent before an ejection do not
// prolong it.
OutlierVerdict on_result(Load& load, const Outlier& options, bool failure, Time now,
                         Endpoints group);

}  // namespace weir::judge
