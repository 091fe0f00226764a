// Durations, sizes, rates and times: whatever parses prints to a text that parses back to the same.
// sources: src/base/units.cc src/base/rate.cc src/base/wall_time.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/rate.h"
#include "base/units.h"
#include "base/wall_time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = weir::parse_duration(text)) {
    const auto again = weir::parse_duration(weir::to_string(*duration));
    CHECK(again && *again == *duration);
  }
  if (const auto bytes = weir::parse_bytes(text)) {
    const auto again = weir::parse_bytes(weir::to_string(*bytes));
    CHECK(again && *again == *bytes);
  }
  if (const auto rate = weir::parse_rate(text)) {
    const auto again = weir::parse_rate(weir::to_string(*rate));
    CHECK(again && *again == *rate);
  }
  if (const auto time = weir::parse_wall_time(text)) {
    // It prints with milliseconds.
    const auto again = weir::parse_wall_time(weir::to_string(*time));
    CHECK(again && *again == std::chrono::floor<std::chrono::milliseconds>(*time));
  }
  return 0;
}
