// status_decode: the JSON of GET /api/v1/status back to control::Status. Pure.
#pragma once

#include "config/node.h"
#include "control/status.h"

namespace weir::cli {

// The part "cost" of a scaling group, or the total of GET /api/v1/cost.
control::CostStatus cost_of(const config::Node& node);

// What is missing stays as it is at first.
control::Status decode_status(const config::Node& node);

}  // namespace weir::cli
