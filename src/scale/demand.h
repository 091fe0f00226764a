// Demand: what a group is asked for, minute by minute, and a forecast of it. Pure.
//
// Two series: requests per second, and load: requests in flight, the waiting included. A minute
// counts when at least half of its seconds are known; else it is a gap.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "forecast/forecaster.h"
#include "scale/outlook.h"
#include "scale/series.h"

namespace weir::scale {

struct DemandMinute {
  WallTime at{};  // its begin
  double requests = 0;
  double load = 0;
};

// Lives on one thread. About 6 MB.
class Demand {
 public:
  // Minutes of before, oldest first; what lies between them is a gap. At first, once.
  void restore(const std::vector<DemandMinute>& minutes);
  // Each second. The minute that has just ended, if it has data: to be kept.
  std::optional<DemandMinute> look(const Series& series, Time now, WallTime wall);

  const Outlook& requests() const { return requests_; }
  const Outlook& load() const { return load_; }

 private:
  class Ahead final : public Outlook {
   public:
    Ahead();
    std::optional<double> expected(Duration lead) const override;
    std::optional<double> upper(Duration lead) const override;
    double skill(Duration lead) const override;
    Duration known() const override;
    forecast::Forecaster forecaster;
  };

  void add(const DemandMinute& minute);

  Ahead requests_, load_;
  std::optional<WallTime> last_;  // the begin of the last minute that was added
};

}  // namespace weir::scale
