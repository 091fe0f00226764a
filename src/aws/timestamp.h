// Timestamps in the three forms of AWS's wires. Any thread.
//
//   iso8601        2026-11-21T04:00:00Z, with up to nine digits of fraction, with an offset
//   rfc822         Sat, 21 Nov 2026 04:00:00 GMT
//   unix_seconds   1795233600, 1795233600.25
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/clock.h"

namespace weir::aws {

// Any of the three: they cannot be confused. Nothing where the text is none of them, or the time
// is not within what nanoseconds of 64 bits hold (1678 to 2261).
std::optional<WallTime> read_timestamp(std::string_view text);
// Seconds since 1970; nothing outside of the same years.
std::optional<WallTime> timestamp_of(double seconds);

// A fraction is written where there is one, to the millisecond.
std::string write_timestamp(WallTime time, TimeFormat format);

}  // namespace weir::aws
