#include "simulate/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "config/yaml.h"
#include "model/desired_fields.h"

namespace weir::simulate {
namespace {

// Of an instance's slots. Above 1 some always wait.
constexpr std::array kTargets = {0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2};
constexpr std::array kMaxima = {1.0, 1.25, 1.6};  // of what the busiest minute needs
constexpr Duration kHistory = 36h;                // a forecast acts after a day

weir::Policy tracking(double target) {
  weir::Policy policy;
  policy.target_tracking.emplace();
  policy.target_tracking->metric = "in_flight_per_endpoint";
  policy.target_tracking->target = std::round(target * 100) / 100;
  return policy;
}

weir::Policy slo(const LatencyGoal& goal, double percentile, Duration start_time) {
  weir::Policy policy;
  policy.slo = Slo{goal.bound, percentile, start_time};
  return policy;
}

weir::Policy predictive(double target, Duration start_time) {
  weir::Policy policy;
  policy.predictive.emplace();
  policy.predictive->metric = "in_flight_per_endpoint";
  policy.predictive->target = std::round(target * 100) / 100;
  policy.predictive->start_time = start_time;
  return policy;
}

class Search {
 public:
  Search(const RequestTrace& trace, const Scenario& scenario,
         const std::function<void(const Candidate&)>& played)
      : trace_(trace),
        scenario_(scenario),
        played_(played),
        need_(peak_need(scenario, trace)),
        slots_(ability_of(scenario, trace).slots) {
    scenario_.stretches = false;
    const std::uint32_t wide = std::max(2 * need_ + 2, scenario.scaling.max);
    most_ = scenario.room ? std::min(wide, *scenario.room) : wide;
  }

  Result<Recommendation> run() {
    if (!scenario_.scaling.policies.empty()) TRY_VOID(as_it_is());
    TRY_VOID(fixed());
    for (const double target : kTargets) {
      const double each = target * slots_;
      TRY_VOID(search({"target_tracking",
                       fmt::format("in_flight_per_endpoint {:.4g}", each),
                       {tracking(each)},
                       0,
                       0,
                       {}}));
    }
    if (scenario_.goal->of == LatencyGoal::Of::total) TRY_VOID(bounds_on_latency());
    if (trace_.length >= kHistory) TRY_VOID(forecasts());
    std::ranges::stable_sort(result_.candidates, [](const Candidate& a, const Candidate& b) {
      if (a.report.met != b.report.met) return a.report.met;
      if (!a.report.met) return a.report.attainment > b.report.attainment;
      return a.price() < b.price();
    });
    return std::move(result_);
  }

 private:
  Result<> as_it_is() {
    const ScalingGroup& group = scenario_.scaling;
    Candidate candidate{"as it is", "", group.policies, group.min, group.max, {}};
    TRY_VOID(play(candidate));
    result_.candidates.push_back(std::move(candidate));
    return {};
  }

  Result<> fixed() {
    const Candidate model{"fixed", "", {}, 0, 0, {}};
    return halve(model, 1, most_, [](Candidate& candidate, std::uint32_t count) {
      candidate.min = candidate.max = count;
    });
  }

  Result<> bounds_on_latency() {
    const LatencyGoal& goal = *scenario_.goal;
    const Duration start = scenario_.model.start_time;
    // Asked for more than is needed, it keeps more in reserve.
    const double stricter = 100 - (100 - goal.percentile) / 4;
    const weir::Policy plain = slo(goal, std::min(goal.percentile, 99.99), start);
    const weir::Policy strict = slo(goal, std::min(stricter, 99.99), start);
    const weir::Policy guard = tracking(0.9 * slots_);
    TRY_VOID(search({"slo", fmt::format("p{:.6g}", plain.slo->percentile), {plain}, 0, 0, {}}));
    TRY_VOID(search({"slo", fmt::format("p{:.6g}", strict.slo->percentile), {strict}, 0, 0, {}}));
    return search({"slo, target_tracking",
                   fmt::format("p{:.6g}, in_flight_per_endpoint {:.4g}", plain.slo->percentile,
                               guard.target_tracking->target),
                   {plain, guard},
                   0,
                   0,
                   {}});
  }

  Result<> forecasts() {
    for (const double target : {0.6, 0.7, 0.8, 0.9}) {
      const double each = target * slots_;
      TRY_VOID(search({"predictive, target_tracking",
                       fmt::format("in_flight_per_endpoint {:.4g}", each),
                       {predictive(each, scenario_.model.start_time), tracking(each)},
                       0,
                       0,
                       {}}));
    }
    return {};
  }

  Result<> search(Candidate model) {
    model.max = most_;
    TRY_VOID(halve(model, std::min(scenario_.scaling.min, most_),
                   std::min(std::max(need_ + 1, scenario_.scaling.min), most_),
                   [](Candidate& candidate, std::uint32_t count) { candidate.min = count; }));
    return lower_maximum();
  }

  // The least count that keeps the goal; the largest, where none does.
  template <class Set>
  Result<> halve(const Candidate& model, std::uint32_t low, std::uint32_t high, Set set) {
    const auto with = [&](std::uint32_t count) -> Result<Candidate> {
      Candidate candidate = model;
      set(candidate, count);
      TRY_VOID(play(candidate));
      return candidate;
    };
    TRY(Candidate best, with(low));
    if (!best.report.met && high > low) {
      TRY(best, with(high));
      while (best.report.met && high - low > 1) {
        const std::uint32_t middle = low + (high - low) / 2;
        TRY(Candidate candidate, with(middle));
        (candidate.report.met ? high : low) = middle;
        if (candidate.report.met) best = std::move(candidate);
      }
    }
    result_.candidates.push_back(std::move(best));
    return {};
  }

  // Of the last candidate. Where it costs no less, the room above what was used stays.
  Result<> lower_maximum() {
    if (!result_.candidates.back().report.met) return {};
    Candidate best = result_.candidates.back();
    for (const double part : kMaxima) {
      Candidate candidate = best;
      candidate.max = static_cast<std::uint32_t>(std::ceil(part * need_));
      if (candidate.max < candidate.min || candidate.max >= best.report.peak) continue;
      TRY_VOID(play(candidate));
      if (candidate.report.met && candidate.price() < best.price()) best = std::move(candidate);
    }
    result_.candidates.back() = std::move(best);
    return {};
  }

  Result<> play(Candidate& candidate) {
    Scenario scenario = scenario_;
    scenario.scaling.policies = candidate.policies;
    scenario.scaling.min = candidate.min;
    scenario.scaling.max = candidate.max;
    scenario.scaling.desired.reset();
    TRY(candidate.report, replay(trace_, scenario));
    candidate.report.activities.clear();  // not looked at, and many
    ++result_.replays;
    if (played_) played_(candidate);
    return {};
  }

  const RequestTrace& trace_;
  Scenario scenario_;
  const std::function<void(const Candidate&)>& played_;
  const std::uint32_t need_;  // instances, in the busiest minute
  const double slots_;
  std::uint32_t most_ = 0;
  Recommendation result_;
};

}  // namespace

Result<Recommendation> recommend(const RequestTrace& trace, const Scenario& scenario,
                                 const std::function<void(const Candidate&)>& played) {
  CHECK(scenario.goal);
  return Search(trace, scenario, played).run();
}

std::string yaml_of(const std::string& group, const Candidate& candidate) {
  using config::Node;
  Node options = Node::map();
  options.add("min", Node::scalar(std::to_string(candidate.min)));
  options.add("max", Node::scalar(std::to_string(candidate.max)));
  if (!candidate.policies.empty()) {
    Node policies = Node::sequence();
    const config::Type& type = config_type(static_cast<const weir::Policy*>(nullptr));
    for (const weir::Policy& policy : candidate.policies) {
      policies.items.push_back(type.encode(&policy, config::Write::without_defaults));
    }
    options.add("policies", std::move(policies));
  }
  Node groups = Node::map();
  groups.add(group, std::move(options));
  Node root = Node::map();
  root.add("scaling_groups", std::move(groups));
  return config::write_yaml(root);
}

}  // namespace weir::simulate
