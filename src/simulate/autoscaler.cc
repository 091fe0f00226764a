#include "simulate/autoscaler.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "scale/sample.h"

namespace weir::simulate {

Autoscaler::Autoscaler(const ScalingGroup& options)
    : options_(options), needs_latency_(scale::needs_latency(options)) {
  if (scale::needs_forecast(options)) demand_ = std::make_unique<scale::Demand>();
}

Result<std::unique_ptr<Autoscaler>> Autoscaler::make(const ScalingGroup& options) {
  std::unique_ptr<Autoscaler> made(new Autoscaler(options));
  for (const Policy& policy : options.policies) {
    TRY(auto one, scale::make_policy(policy));
    made->policies_.push_back(std::move(one));
  }
  return made;
}

void Autoscaler::second(scale::Moment moment) {
  for (const double seconds : latencies_) series_.add_latency(moment.now, seconds);
  latencies_.clear();
  if (demand_) demand_->look(series_, moment.now, moment.wall);
}

scale::Step Autoscaler::step(scale::GroupFacts facts, scale::Moment moment) {
  if (demand_) {
    facts.outlook = &demand_->requests();
    facts.load_outlook = &demand_->load();
  }
  scale::sample(series_, facts, options_.warm_up, moment.now);
  return scale::step(options_, policies_, std::move(facts), series_, memory_, moment);
}

void Autoscaler::set(std::uint32_t desired, const std::string& who, const std::string& group,
                     scale::Moment moment, std::vector<scale::Activity>& activities) {
  const std::uint32_t to = std::clamp(desired, options_.min, options_.max);
  if (!memory_.desired || *memory_.desired == to) return;
  const std::uint32_t from = *memory_.desired;
  const bool up = to > from;
  activities.push_back({moment.wall,
                        scale::Activity::Status::successful,
                        fmt::format("{} the desired capacity of group {} from {} to {}",
                                    up ? "Increasing" : "Decreasing", group, from, to),
                        fmt::format("At {}Z {} wanted {}, {} the desired capacity from {} to {}.",
                                    to_string(moment.wall).substr(0, 19), who, desired,
                                    up ? "increasing" : "decreasing", from, to),
                        {}});
  memory_.desired = to;
  memory_.last_change = moment.now;
}

}  // namespace weir::simulate
