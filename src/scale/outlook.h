// Outlook: a forecast of a group's demand, as far as a policy asks for it. Whoever forecasts
// implements it; without one, policies go by what came alone.
#pragma once

#include <optional>

#include "base/clock.h"

namespace weir::scale {

class Outlook {
 public:
  virtual ~Outlook() = default;
  // Requests per second to be ready for `lead` from now; nothing: it cannot tell. What it is worth
  // is measured by who asks (rehearsal.h), so a plain forecast will do and its errors are no harm.
  virtual std::optional<double> upper(Duration lead) const = 0;
};

}  // namespace weir::scale
