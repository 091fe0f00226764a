// Thresholds: how many checks in a row turn an endpoint healthy or unhealthy.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "model/desired.h"
#include "model/load.h"

namespace weir::judge {

// The answers of one endpoint's checks so far, equal ones in a row. Owned by whoever checks it.
struct Streak {
  std::uint32_t passed = 0;
  std::uint32_t failed = 0;
};

enum class Turn : std::uint8_t { none, healthy, unhealthy };

// Notes the answer of one check, and turns load.health when that is due. The first success admits
// a starting endpoint at once. Failures leave one starting that weir has just launched (`launched`:
// it may take its time); any other becomes unhealthy. Called by one thread per endpoint.
Turn on_check(Load& load, Streak& streak, const HealthCheck& options, bool passed, Time now,
              bool launched);

}  // namespace weir::judge
