// replay: plays a trace, request by request, against a configuration: weir's own admission, choice
// and scaling (Front, Autoscaler) with modelled servers (Fleet) and a virtual clock. Event by
// event, so a day takes seconds. Pure: the same trace and scenario give the same report.
#pragma once

#include "simulate/report.h"
#include "simulate/request.h"
#include "simulate/scenario.h"

namespace weir::simulate {

// Begins with the group's `desired`, else `min`, instances in service; ends when the trace is over
// and its last request has ended. An error where the scenario cannot be played.
Result<Report> replay(const RequestTrace& trace, const Scenario& scenario);

}  // namespace weir::simulate
