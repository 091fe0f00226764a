// Metric math: what parses names metrics that read the same again, and its value is nothing or a
// finite number, whatever the metrics say.
// sources: src/model/metric_math.cc src/model/metric_name.cc src/base/check.cc
// libraries: fmt
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/metric_math.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;  // NOLINT: a fuzzer of this namespace
  const auto math = MetricMath::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!math) {
    CHECK(math.error().message.starts_with("column "));
    return 0;
  }
  for (const MetricName& name : math->names()) {
    const auto again = parse_metric_name(to_string(name));
    CHECK(again && *again == name);
  }
  std::size_t asked = 0;
  const auto value = math->at(
      [&](std::size_t index, Time) -> std::optional<double> {
        CHECK(index < math->names().size());
        if (++asked % 7 == 0) return std::nullopt;
        return static_cast<double>(asked % 5) * (asked % 3 == 0 ? -1e300 : 1);
      },
      Time(Duration(10000s)));
  CHECK(!value || std::isfinite(*value));
  return 0;
}
