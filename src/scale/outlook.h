// Outlook: a forecast of a group's demand, as far as a policy asks for it. Whoever forecasts
// implements it; without one, policies go by what came alone.
#pragma once

#include <optional>

#include "base/clock.h"

namespace weir::scale {

class Outlook {
 public:
  virtual ~Outlook() = default;
  // What demand will be `lead` from now; nothing: it cannot tell.
  virtual std::optional<double> expected(Duration lead) const = 0;
  // What it will hardly exceed.
  virtual std::optional<double> upper(Duration lead) const { return expected(lead); }
  // How much of the error of "as it is now" it has lately avoided, that far ahead: 1 is all of it,
  // 0 none.
  virtual double skill(Duration) const { return 0; }
  // How much history it rests on.
  virtual Duration known() const { return Duration(0); }
};

}  // namespace weir::scale
