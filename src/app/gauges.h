// Gauges: what /metrics shows of things that live elsewhere; rows in metrics.def.
#pragma once

#include "control/status.h"
#include "observe/access_record.h"
#include "observe/metrics.h"

namespace weir::app {

void add_gauges(observe::Samples& samples, const control::Status& status,
                const observe::AccessLog* access_log);

}  // namespace weir::app
