// Outlier detection: traffic itself tells that an endpoint is unfit. So many failures in a row
// eject it for a time that grows with each ejection in a row, as in Envoy; never more than a
// share of the group at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "model/desired.h"
#include "model/load.h"
#include "model/snapshot.h"

namespace weir::judge {

using Endpoints = std::span<const std::shared_ptr<const Endpoint>>;

struct OutlierVerdict {
  bool ejected = false;        // this result ejected the endpoint
  Duration length{0};          // for so long
  std::uint32_t failures = 0;  // in a row, that led to it
  std::uint32_t in_a_row = 0;  // ejections, this one included
  explicit operator bool() const { return ejected; }
};

// How many of a group of this size may be ejected at once. Of two or more, one may always go.
std::uint32_t most_ejected(const Outlier& options, std::size_t size);

// How many are ejected now.
std::uint32_t count_ejected(Endpoints group, Time now);

// Notes how one request to the endpoint with this `load` ended; a failure is a connect failure, a
// reset, a timeout or a 5xx. A cancelled request is not to be noted. Any thread; a success on an
// endpoint without failures writes nothing. Where two workers race, one endpoint is ejected once
// and the cap holds; at worst an ejection waits for the next failure.
//
// Failures of requests sent before an ejection do not prolong it. Each good time as long as the
// last ejection takes one off the count that decides the length of the next.
OutlierVerdict on_result(Load& load, const Outlier& options, bool failure, Time now,
                         Endpoints group);

}  // namespace weir::judge
