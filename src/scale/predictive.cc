// Predictive: has the capacity ready that a forecast says will be needed once an instance that is
// ordered now serves, as EC2's predictive scaling; each minute instead of each hour. It never
// scales in, and takes part in it as a floor: with other policies, the largest wish counts.
//
// The forecast is the upper end that demand stays below 95 % of the time (forecast/). It acts on a
// day of history, and as far as the forecast has lately been better than "it stays as it is":
// wholly where it avoided a fifth of that one's error, not at all where it avoided none.
//
// Where it may raise the maximum, it does as EC2's IncreaseMaxCapacity: a forecast of 50 with a
// buffer of 10 percent makes it 55 where it is 40 ("PredictiveScalingConfiguration", API
// reference). Unlike there, the maximum comes back: see raise_maximum (wanted.cc).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "scale/policy.h"
#include "scale/start_time.h"

namespace weir::scale {
namespace {

constexpr Duration kLeastHistory = 24h;
constexpr double kFullSkill = 0.2;
constexpr double kMost = 1e6;  // instances

class PredictivePolicy final : public Policy {
 public:
  explicit PredictivePolicy(const Predictive& options) : options_(options) {}

  std::string_view kind() const override { return "predictive"; }

  Decision decide(const GroupFacts& facts, const Series&, Time) const override {
    const Outlook* const outlook = outlook_of(facts);
    Decision decision{std::nullopt, "", false};
    if (!outlook || outlook->known() < kLeastHistory) {
      decision.reason = fmt::format("the forecast needs a day of history, and had {}",
                                    in_words(outlook ? outlook->known() : Duration(0)));
      return decision;
    }
    const auto ahead = look_ahead(facts);
    if (!ahead) {
      decision.reason = "there was no forecast";
      return decision;
    }
    decision.reason = fmt::format(
        "{:.3g} {} were forecast for {} ahead at most, {} instances at a target of {:g}",
        ahead->upper, by_load() ? "in flight" : "requests per second", in_words(ahead->lead),
        static_cast<std::uint32_t>(std::ceil(ahead->needed)), options_.target);
    if (ahead->weight <= 0) {
      decision.reason += ", by a forecast that was no better than the last minute";
      return decision;
    }
    if (ahead->weight < 1) {
      decision.reason += fmt::format(", of which {:.0f} percent count", 100 * ahead->weight);
    }
    if (options_.mode == "forecast_only") {
      decision.reason += " (forecast only)";
      return decision;
    }
    const std::uint32_t floor = whole(ahead->weight * ahead->needed);
    decision.floor = floor;
    if (floor > facts.desired) decision.desired = floor;
    return decision;
  }

  std::optional<std::uint32_t> ceiling(const GroupFacts& facts) const override {
    if (options_.max_capacity_behaviour != "increase") return std::nullopt;
    const Outlook* const outlook = outlook_of(facts);
    if (!outlook || outlook->known() < kLeastHistory || options_.mode == "forecast_only") return 0;
    const auto ahead = look_ahead(facts);
    if (!ahead) return 0;
    return whole(ahead->weight * ahead->needed *
                 (100.0 + options_.max_capacity_buffer.value_or(0)) / 100);
  }

 private:
  struct Ahead {
    Duration lead;
    double upper;   // of the metric
    double needed;  // instances
    double weight;  // 0 to 1
  };

  bool by_load() const { return options_.metric == "in_flight_per_endpoint"; }

  const Outlook* outlook_of(const GroupFacts& facts) const {
    return by_load() ? facts.load_outlook : facts.outlook;
  }

  std::optional<Ahead> look_ahead(const GroupFacts& facts) const {
    const Outlook& outlook = *outlook_of(facts);
    const Duration lead = measured_start(facts).value_or(options_.start_time) + options_.buffer;
    const auto upper = outlook.upper(lead);
    if (!upper) return std::nullopt;
    return Ahead{lead, *upper, std::max(*upper / options_.target - facts.other_endpoints, 0.0),
                 std::clamp(outlook.skill(lead) / kFullSkill, 0.0, 1.0)};
  }

  static std::uint32_t whole(double instances) {
    return static_cast<std::uint32_t>(std::ceil(std::min(instances, kMost) - 1e-9));
  }

  static std::string in_words(Duration d) {
    return to_string(std::chrono::floor<std::chrono::minutes>(d));
  }

  const Predictive options_;
};

}  // namespace

Result<std::unique_ptr<Policy>> predictive(const weir::Policy& options) {
  return std::make_unique<PredictivePolicy>(*options.predictive);
}

}  // namespace weir::scale
