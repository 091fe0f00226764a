// status_view: control::Status as people read it. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "control/status.h"

namespace weir::cli {

struct View {
  std::size_t width = 160;
  bool colour = false;
  std::size_t activities = 5;  // of each scaling group, the newest
  WallTime now{};              // for "12s ago"
};

std::string render_status(const control::Status& status, const View& view);

// 850ms, 12s, 3m, 5h, 2d: one unit is enough for an age.
std::string short_duration(Duration d);

}  // namespace weir::cli
