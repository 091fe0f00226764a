// report_json: reports as JSON, for scripts. Pure; the same reports give the same bytes.
#pragma once

#include <span>
#include <string>

#include "simulate/report.h"
#include "simulate/request.h"

namespace weir::simulate {

// With a line feed. Times are seconds, shares are of 1.
std::string json_of(const RequestTrace& trace, std::span<const Report> reports);

}  // namespace weir::simulate
