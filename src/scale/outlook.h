// Outlook: a forecast of a group's demand, as far as a policy asks for it. Whoever forecasts
// implements it; without one, policies go by the last minutes alone.
#pragma once

#include <optional>

#include "base/clock.h"

namespace weir::scale {

class Outlook {
 public:
  virtual ~Outlook() = default;
  // Requests per second that are hardly exceeded `lead` from now; nothing: it cannot tell.
  virtual std::optional<double> upper(Duration lead) const = 0;
  // How much of the error of "as it is now" it has lately avoided, that far ahead: 1 is all of it,
  // 0 none.
  virtual double skill(Duration lead) const = 0;
  // How much history it rests on.
  virtual Duration known() const { return Duration(0); }
};

}  // namespace weir::scale
