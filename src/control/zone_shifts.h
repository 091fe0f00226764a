// ZoneShifts: zones that an operator has taken out for a while, as AWS's zonal shift.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir::control {

// By wall time, so that a shift ends when it should although weir was restarted meanwhile. A value.
class ZoneShifts {
 public:
  // From now on; a shift of the same zone is replaced.
  void shift(const std::string& zone, WallTime until) { until_[zone] = until; }
  // False when it was not shifted.
  bool cancel(const std::string& zone) { return until_.erase(zone) > 0; }
  // Those that are over, which are forgotten.
  std::vector<std::string> expire(WallTime now);
  std::optional<WallTime> until(const std::string& zone) const;
  const std::map<std::string, WallTime>& all() const { return until_; }

  // As text for the store; nothing where that is not ours.
  static std::string to_text(WallTime until);
  static std::optional<WallTime> from_text(const std::string& text);

 private:
  std::map<std::string, WallTime> until_;
};

}  // namespace weir::control
