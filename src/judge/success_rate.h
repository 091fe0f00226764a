// Success rate: who fails far more often than the others of its group, by Envoy's arithmetic: below
// the mean of all rates minus a factor times their standard deviation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/desired.h"

namespace weir::judge {

// What one endpoint answered in an interval.
struct Answered {
  std::uint32_t answers = 0;
  std::uint32_t errors = 0;  // of them
};

// Below which success rate (0..1) an endpoint is an outlier; nothing where too few endpoints have
// answered often enough to tell. Pure.
std::optional<double> success_rate_bound(const SuccessRateOutlier& options,
                                         std::span<const Answered> group);

// The places of the outliers in `group`, the worst first. Pure.
std::vector<std::size_t> success_rate_outliers(const SuccessRateOutlier& options,
                                               std::span<const Answered> group);

}  // namespace weir::judge
