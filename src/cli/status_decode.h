// status_decode: the JSON of GET /api/v1/status back to control::Status. Pure.
#pragma once

#include "config/node.h"
#include "control/status.h"

namespace weir::cli {

// What is missing stays as it is at first.
control::Status decode_status(const config::Node& node);

}  // namespace weir::cli
