// Rate: so many in a time, as people write it: 10/s, 600/m, 5/100ms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

struct Rate {
  std::uint32_t count = 0;
  Duration per = std::chrono::seconds(1);
  bool operator==(const Rate&) const = default;
};

// A whole number above 0, '/', and a unit (s, m, h, d) or a duration such as 100ms or 10s.
Result<Rate> parse_rate(std::string_view text);
// Shortest exact form that parses back.
std::string to_string(const Rate& rate);

}  // namespace weir
