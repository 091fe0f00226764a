// MetricName: a metric and whose it is, as text: in_flight{target_group=ocr},
// custom.backlog{model=a}, or the bare name of a metric of the configuration. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

struct MetricName {
  std::string name;
  std::map<std::string, std::string> dimensions;
  auto operator<=>(const MetricName&) const = default;
};

// What weir measures by itself is named by exactly one of these dimensions.
enum class Subject : std::uint8_t {
  listener,
  target_group,
  scaling_group,
  zone,
  endpoint,
  instance
};
std::string_view to_string(Subject subject);
// The dimensions that are subjects.
const std::vector<std::string>& subject_words();
// The metrics of one.
const std::vector<std::string>& metrics_of(Subject subject);

// What a scaling group's policies know of it by a bare word: alarms of step and simple ones, and
// target tracking.
const std::vector<std::string>& alarm_metrics();
const std::vector<std::string>& tracked_metrics();

inline constexpr std::string_view kCustom = "custom.";  // begins the name of what others push
inline constexpr std::size_t kMostDimensions = 10;

inline bool is_custom(std::string_view name) { return name.starts_with(kCustom); }

// name{dimension=value, ...}: a name begins with a letter or '_', goes on with letters, digits,
// '_',
// '.' and ':', and has at most 128 bytes; a dimension likewise, without '.' and ':'; a value is any
// text of 1 to 256 bytes without ',', '}', '"' and control characters. Spaces around names and
// values do not count.
Result<MetricName> parse_metric_name(std::string_view text);
// The one way to write it: dimensions by name, no spaces.
std::string to_string(const MetricName& name);

}  // namespace weir
