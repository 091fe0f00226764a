// Predictive: has the capacity ready that a forecast says will be needed once an instance that is
// ordered now serves, as EC2's predictive scaling; each minute instead of each hour. It never
// scales in, and takes part in it as a floor: with other policies, the largest wish counts.
//
// The forecast is the upper end that demand stays below 95 % of the time (forecast/). It acts on a
// day of history, and as far as the forecast has lately been better than "it stays as it is":
// wholly where it avoided a fifth of that one's error, not at all where it avoided none.
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

class Ahead final : public Policy {
 public:
  explicit Ahead(const Predictive& options) : options_(options) {}

  std::string_view kind() const override { return "predictive"; }

  Decision decide(const GroupFacts& facts, const Series&, Time) const override {
    const bool by_load = options_.metric == "in_flight_per_endpoint";
    const Outlook* outlook = by_load ? facts.load_outlook : facts.outlook;
    Decision decision{std::nullopt, "", false};
    if (!outlook || outlook->known() < kLeastHistory) {
      decision.reason = fmt::format("the forecast needs a day of history, and had {}",
                                    in_words(outlook ? outlook->known() : Duration(0)));
      return decision;
    }
    const Duration lead = measured_start(facts).value_or(options_.start_time) + options_.buffer;
    const auto upper = outlook->upper(lead);
    const double weight = std::clamp(outlook->skill(lead) / kFullSkill, 0.0, 1.0);
    if (!upper) {
      decision.reason = "there was no forecast";
      return decision;
    }
    const double needed = std::max(*upper / options_.target - facts.other_endpoints, 0.0);
    decision.reason = fmt::format(
        "{:.3g} {} were forecast for {} ahead at most, {} instances at a target of {:g}", *upper,
        by_load ? "in flight" : "requests per second", in_words(lead),
        static_cast<std::uint32_t>(std::ceil(needed)), options_.target);
    if (weight <= 0) {
      decision.reason += ", by a forecast that was no better than the last minute";
      return decision;
    }
    if (weight < 1) decision.reason += fmt::format(", of which {:.0f} percent count", 100 * weight);
    if (options_.mode == "forecast_only") {
      decision.reason += " (forecast only)";
      return decision;
    }
    const auto floor = static_cast<std::uint32_t>(std::ceil(weight * needed - 1e-9));
    decision.floor = floor;
    if (floor > facts.desired) decision.desired = floor;
    return decision;
  }

 private:
  static std::string in_words(Duration d) {
    return to_string(std::chrono::floor<std::chrono::minutes>(d));
  }

  const Predictive options_;
};

}  // namespace

Result<std::unique_ptr<Policy>> predictive(const weir::Policy& options) {
  return std::make_unique<Ahead>(*options.predictive);
}

}  // namespace weir::scale
