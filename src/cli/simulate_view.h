// simulate_view: reports and recommendations as tables. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "simulate/report.h"
#include "simulate/request.h"
#include "simulate/search.h"

namespace weir::cli {

std::string render_reports(const simulate::RequestTrace& trace,
                           std::span<const simulate::Report> reports, std::size_t width,
                           bool colour);
std::string render_recommendation(const simulate::RequestTrace& trace,
                                  const simulate::Scenario& scenario,
                                  const simulate::Recommendation& recommendation, std::size_t width,
                                  bool colour);

}  // namespace weir::cli
