// report_html: reports as one page with plots, which needs nothing beside it: no script, no font,
// no other file. Pure; the same reports give the same bytes.
#pragma once

#include <span>
#include <string>

#include "simulate/report.h"
#include "simulate/request.h"

namespace weir::simulate {

std::string html_of(const RequestTrace& trace, std::span<const Report> reports);

}  // namespace weir::simulate
