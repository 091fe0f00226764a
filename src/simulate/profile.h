// Profile: a plain forecast to stand where a real one will: the mean of the same ten minutes on the
// last seven days, times how the last three hours compare with theirs.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scale/outlook.h"
#include "simulate/trace.h"

namespace weir::simulate {

// Knows what a trace has had until now, its history included.
class Profile final : public scale::Outlook {
 public:
  explicit Profile(const Trace& trace);

  // `at`: seconds from the begin of the run; not back in time.
  void advance(double at);

  std::optional<double> expected(Duration lead) const override;

 private:
  static constexpr std::size_t kBin = 10;  // minutes
  static constexpr std::size_t kDay = 1440 / kBin;
  static constexpr std::size_t kLevel = 18;  // bins: three hours

  std::optional<double> usual(std::size_t b, std::size_t known) const;
  std::optional<double> forecast(std::size_t b, std::size_t known) const;

  const Trace& trace_;
  std::vector<double> bins_;  // mean rates; those that have not ended are not looked at
  std::size_t minute_;        // the first one that has not ended
};

}  // namespace weir::simulate
