// The termination command of a scaler: it is told who could go, and says who goes first.
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "control/scaler.h"
#include "control/termination_answer.h"
#include "notify/command.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

Json json_of(const scale::InstanceFacts& facts, WallTime launched) {
  Json one{{"instance", facts.id},
           {"zone", facts.zone},
           {"launched", to_string(launched)},
           {"version", facts.version},
           {"in_flight", facts.in_flight},
           {"remaining_work_seconds", facts.remaining_work},
           {"weight", facts.weight}};
  if (!facts.launch_template.empty()) one["launch_template"] = facts.launch_template;
  if (facts.cpu_percent) one["cpu_percent"] = *facts.cpu_percent;
  if (facts.memory_percent) one["memory_percent"] = *facts.memory_percent;
  if (facts.gpu_percent) one["gpu_percent"] = *facts.gpu_percent;
  return one;
}

scale::Choice choice_of(const Result<notify::CommandResult>& done) {
  if (!done) return {{}, done.error().message};
  if (std::string trouble = notify::complaint(*done); !trouble.empty()) return {{}, trouble};
  auto ids = parse_termination_answer(done->output);
  if (!ids) return {{}, ids.error().message};
  return {std::move(*ids), {}};
}

}  // namespace

void Scaler::choose(const scale::Action& action) {
  if (!options_.termination_command) return;
  Json instances = Json::array();
  for (const std::string& id : action.candidates) {
    const auto found = members_.find(id);
    if (found == members_.end()) continue;
    Json one = json_of(facts_of(found->second), found->second.record.launched);
    one["address"] = found->second.address;
    one["spot"] = is_spot(found->second);
    instances.push_back(std::move(one));
  }
  const Json said{{"group", name_}, {"count", action.count}, {"instances", std::move(instances)}};
  choosing_ = true;
  background_.spawn(ask_who_goes(said.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

Task<> Scaler::ask_who_goes(std::string said) {
  notify::CommandCall call;
  call.arguments = options_.termination_command->command;
  call.timeout = options_.termination_command->timeout;
  call.input = std::move(said);
  call.environment = {{"WEIR_GROUP", name_}};
  const auto done = co_await notify::run_command(host_.reactor, std::move(call), &hooks_stop_);
  choosing_ = false;
  if (hooks_stop_.raised()) co_return;
  choice_ = choice_of(done);
  if (!choice_->trouble.empty()) {
    LOG(warn, "termination command failed", {"group", name_}, {"error", choice_->trouble});
  }
  ask();
}

}  // namespace weir::control
