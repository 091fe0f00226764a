#include "simulate/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/desired_syntax.h"
#include "simulate/server.h"

namespace weir::simulate {
namespace {

Result<std::string> only_group(const Desired& desired) {
  if (desired.scaling_groups.size() == 1) return desired.scaling_groups.begin()->first;
  std::string all;
  for (const auto& [name, unused] : desired.scaling_groups) all += (all.empty() ? "" : ", ") + name;
  if (all.empty()) return fail(Code::invalid, "there is no scaling group to simulate");
  return fail(Code::invalid, fmt::format("say which scaling group: --group, one of {}", all));
}

std::optional<std::uint32_t> room_of(const Desired& desired, const ScalingGroup& scaling) {
  std::optional<std::uint32_t> room;
  if (const auto ports = syntax::split_ports(desired.ports)) room = ports->size();
  if (scaling.launch.gpus > 0) {
    const auto devices = static_cast<std::uint32_t>(desired.devices.size());
    room = std::min(room.value_or(devices), devices / scaling.launch.gpus);
  }
  return room;
}

std::optional<LatencyGoal> goal_of(const Desired& desired, const ScalingGroup& scaling) {
  if (const auto goal = parse_latency_goal(desired.simulation.slo)) return *goal;
  for (const Policy& policy : scaling.policies) {
    if (policy.slo) {
      return LatencyGoal{LatencyGoal::Of::total, policy.slo->percentile, policy.slo->bound};
    }
  }
  return std::nullopt;
}

}  // namespace

std::uint32_t Scenario::slots() const {
  return model.slots > 0 ? model.slots : target.max_in_flight;
}

Result<Scenario> scenario_of(const Desired& desired, std::string name, const std::string& group) {
  Scenario scenario;
  scenario.name = std::move(name);
  scenario.group = group;
  if (group.empty()) {
    TRY(scenario.group, only_group(desired));
  }
  const auto found = desired.scaling_groups.find(scenario.group);
  if (found == desired.scaling_groups.end()) {
    return fail(Code::not_found, fmt::format("there is no scaling group '{}'", scenario.group));
  }
  scenario.scaling = found->second;
  if (scenario.scaling.target_groups.empty()) {
    return fail(Code::invalid, fmt::format("scaling group '{}' has no target group: no request "
                                           "comes to it",
                                           scenario.group));
  }
  scenario.target = desired.target_groups.at(scenario.scaling.target_groups.front());
  const auto model = desired.simulation.groups.find(scenario.group);
  if (model != desired.simulation.groups.end()) {
    scenario.model = model->second;
    scenario.modelled = true;
  }
  if (scenario.model.price_per_hour == 0) scenario.model.price_per_hour = scenario.scaling.price;
  scenario.room = room_of(desired, scenario.scaling);
  scenario.goal = goal_of(desired, scenario.scaling);
  return scenario;
}

Ability ability_of(const Scenario& scenario, const RequestTrace& trace) {
  Ability ability;
  ability.slots = scenario.slots() == 0 ? kSlots : scenario.slots();
  double sum = 0;
  for (const Request& request : trace.requests) {
    const Work work = work_of(request, scenario.model, 0, 1);
    sum += work.prefill + work.decode;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(trace.requests.size(), 1));
  ability.service_seconds = sum / count * (1 + scenario.model.slowdown * (ability.slots - 1));
  return ability;
}

std::uint32_t peak_need(const Scenario& scenario, const RequestTrace& trace) {
  const Ability ability = ability_of(scenario, trace);
  std::vector<double> minutes(static_cast<std::size_t>(trace.length / 1min) + 1);
  for (const Request& request : trace.requests) {
    minutes[static_cast<std::size_t>(request.at / 1min)] += 1;
  }
  const double busiest = *std::ranges::max_element(minutes);
  const double need = busiest / 60 * ability.service_seconds / ability.slots;
  return static_cast<std::uint32_t>(std::max(1.0, std::ceil(need)));
}

}  // namespace weir::simulate
