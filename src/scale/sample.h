// sample: writes what a group's facts say now into its series.
#pragma once

#include <string>
#include <vector>

#include "model/desired.h"
#include "scale/facts.h"
#include "scale/series.h"

namespace weir::scale {

// To be called before each step. More often than once a second is better: samples of one second
// are averaged. Latencies are not in the facts: feed Series::add_latency where needs_latency().
void sample(Series& series, const GroupFacts& facts, Duration warm_up, Time now);

// Metrics of its policies that are none of the group's own: to be fed by Series::add(name, ...).
std::vector<std::string> foreign_metrics(const ScalingGroup& options);
// True when a policy of the group reads latencies.
bool needs_latency(const ScalingGroup& options);
// Whether a policy asks for a forecast of the demand (demand.h).
bool needs_forecast(const ScalingGroup& options);

}  // namespace weir::scale
