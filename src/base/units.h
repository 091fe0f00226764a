// Durations, sizes and rates as people write them: 250ms, 30s, 5m, 1h30m; 64KiB, 512MiB, 1GB.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

// A count of bytes.
struct Bytes {
  std::uint64_t value = 0;
  auto operator<=>(const Bytes&) const = default;
};

// Units ns, us, ms, s, m, h, d; several may follow each other in falling order; "0" needs none.
// A number may have a fraction, 1.5s, if the whole comes out even in nanoseconds.
Result<Duration> parse_duration(std::string_view text);
// Units B, KB, MB, GB, TB (1000) and KiB, MiB, GiB, TiB (1024); "0" needs none.
Result<Bytes> parse_bytes(std::string_view text);

// Shortest exact form that parses back: 1m30s, 250ms; 64KiB.
std::string to_string(Duration d);
std::string to_string(Bytes b);
// RFC 3339 in UTC with milliseconds: 2026-11-21T06:25:00.123Z
std::string to_string(WallTime t);

}  // namespace weir
