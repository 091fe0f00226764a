#include "scale/termination.h"

#include <fmt/format.h>

#include "base/units.h"

namespace weir::scale {
namespace {

std::string least_work(const InstanceFacts& i, Time) {
  return fmt::format("least remaining work, {} {} in flight", i.in_flight,
                     i.in_flight == 1 ? "request" : "requests");
}

// Work that nobody estimated is judged by the requests alone.
constexpr Criterion kRemainingWork{[](const InstanceFacts& i, Time) { return i.remaining_work; },
                                   least_work};
constexpr Criterion kInFlight{
    [](const InstanceFacts& i, Time) { return static_cast<double>(i.in_flight); }, least_work};
constexpr Criterion kTemplate{
    [](const InstanceFacts& i, Time) { return static_cast<double>(i.version); },
    [](const InstanceFacts& i, Time) {
      return fmt::format("oldest launch template, version {}", i.version);
    }};
constexpr Criterion kOldest{
    [](const InstanceFacts& i, Time) { return seconds(i.launched.time_since_epoch()); },
    [](const InstanceFacts& i, Time now) {
      return "oldest instance, launched " +
             to_string(std::chrono::floor<std::chrono::seconds>(now - i.launched)) + " ago";
    }};
constexpr Criterion kNewest{
    [](const InstanceFacts& i, Time) { return -seconds(i.launched.time_since_epoch()); },
    [](const InstanceFacts& i, Time now) {
      return "newest instance, launched " +
             to_string(std::chrono::floor<std::chrono::seconds>(now - i.launched)) + " ago";
    }};

Duration to_next_hour(const InstanceFacts& i, Time now) { return 1h - (now - i.launched) % 1h; }

constexpr Criterion kNextHour{
    [](const InstanceFacts& i, Time now) { return seconds(to_next_hour(i, now)); },
    [](const InstanceFacts& i, Time now) {
      return "closest to its next full hour, in " +
             to_string(std::chrono::ceil<std::chrono::seconds>(to_next_hour(i, now)));
    }};

constexpr Criterion kSide{[](const InstanceFacts& i, Time) { return i.order.side; },
                          [](const InstanceFacts& i, Time) {
                            return "its side of the mix has too many, as " + i.launch_template;
                          }};
constexpr Criterion kAllocation{
    [](const InstanceFacts& i, Time) { return i.order.rank; },
    [](const InstanceFacts& i, Time) { return "last choice of the mix, as " + i.launch_template; }};

struct Row {
  std::string_view name;
  std::vector<Criterion> criteria;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> rows = {
      {"allocation_strategy", {kAllocation}},
      {"closest_to_next_instance_hour", {kNextHour}},
      {"default", {kTemplate, kNextHour}},
      {"least_work", {kRemainingWork, kInFlight, kTemplate, kNewest}},
      {"newest_instance", {kNewest}},
      {"oldest_instance", {kOldest}},
      {"oldest_launch_template", {kTemplate}},
  };
  return rows;
}

}  // namespace

std::vector<Criterion> criteria(std::span<const std::string> policies, bool mixed) {
  std::vector<Criterion> result;
  if (mixed) result.push_back(kSide);
  for (const std::string& policy : policies) {
    for (const Row& row : rows()) {
      if (row.name != policy) continue;
      if (mixed && policy == "default") result.push_back(kAllocation);
      if (!mixed && policy == "allocation_strategy") continue;
      result.insert(result.end(), row.criteria.begin(), row.criteria.end());
    }
  }
  return result;
}

std::vector<std::string> termination_policies() {
  std::vector<std::string> names;
  for (const Row& row : rows()) names.emplace_back(row.name);
  return names;
}

}  // namespace weir::scale
