// Retiring: who goes where there are more than desired. The termination policies say, or, of those
// that serve, the user's command: the step asks for it by an action, and has its answer among the
// facts of a later step. What it names goes in its order; where it fails, or names none that may
// go, the policies decide. An empty answer lets none go for a minute, as the Lambda function of a
// custom termination policy may ("Create a custom termination policy with Lambda", EC2 Auto
// Scaling, user guide).
#include "scale/pass.h"
#include "scale/victim.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;

constexpr Duration kWait = 60s;

// As choose_victims sees them: what would leave less than desired may not go.
std::vector<InstanceFacts> candidates(Pass& p, std::uint32_t surplus) {
  if (p.options.mix) rank_for_leaving(p, p.out.desired);
  std::vector<InstanceFacts> all = p.facts.instances;
  for (InstanceFacts& i : all) i.is_protected = i.is_protected || i.weight > surplus;
  return all;
}

std::optional<Victim> next_victim(Pass& p, std::uint32_t surplus) {
  const std::span<const std::string> named =
      p.facts.choice ? p.facts.choice->instances : std::span<const std::string>();
  auto victims =
      choose_victims(candidates(p, surplus), 1, p.options.termination_policies, p.now(), named);
  return victims.empty() ? std::nullopt : std::optional(std::move(victims.front()));
}

void take_out(Pass& p, const Victim& victim) {
  InstanceFacts& i = p.facts.instances[victim.index];
  p.record(Activity::Status::successful, fmt::format("Terminating instance {}", i.id),
           fmt::format("instance {} of group {} was selected for termination: {}", i.id,
                       p.facts.name, victim.reason),
           i.id);
  const bool quick = i.state == Lifecycle::pending && !i.in_service_since;
  p.drain(i, Cause::scale_in, victim.reason);
  if (quick) p.act(Kind::stop, i.id, Cause::scale_in, "it never served");
}

void ask_command(Pass& p, std::uint32_t surplus) {
  p.out.notes.push_back("the termination command is asked who goes");
  if (std::exchange(p.facts.choosing, true)) return;
  const std::vector<InstanceFacts> all = candidates(p, surplus);
  Action action{Kind::choose, {}, surplus, Cause::none, "more instances than desired"};
  for (const Victim& victim :
       choose_victims(all, all.size(), p.options.termination_policies, p.now())) {
    if (victim.serves) action.candidates.push_back(all[victim.index].id);
  }
  p.out.actions.push_back(std::move(action));
}

// Who may go is the command's to say: false where the policies decide after all.
bool left_to_the_command(Pass& p, std::uint32_t surplus, bool followed) {
  auto& wait = p.memory.asked_to_wait;
  const auto& choice = p.facts.choice;
  if (choice && choice->trouble.empty() && choice->instances.empty()) wait = p.now();
  if (wait && p.now() < *wait + kWait) {
    p.out.notes.push_back("the termination command lets none go for now");
    p.wake_at(*wait + kWait);
    return true;
  }
  wait.reset();
  if (!choice || followed) {
    ask_command(p, surplus);
    return true;
  }
  p.record(Activity::Status::failed, "Asking the termination command of group " + p.facts.name,
           fmt::format("the termination command was of no use, and the termination policies "
                       "decided: {}",
                       choice->trouble.empty() ? "it named none that may go" : choice->trouble));
  return false;
}

void note_what_stays(Pass& p, std::uint32_t surplus) {
  const bool too_large =
      std::any_of(p.facts.instances.begin(), p.facts.instances.end(),
                  [&](const InstanceFacts& i) { return Pass::live(i) && !i.is_protected; });
  p.out.notes.push_back(fmt::format(
      "{} more than desired, and {}",
      plural(surplus, p.options.mix ? "unit" : "instance") + (surplus == 1 ? " is" : " are"),
      too_large ? "no instance gives so few" : "protected from scale-in"));
}

}  // namespace

void retire(Pass& p, std::uint32_t surplus) {
  if (p.suspended("terminate")) {
    p.out.notes.push_back(plural(surplus, "instance") + (surplus == 1 ? " is" : " are") +
                          " more than desired, and terminations are suspended");
    return;
  }
  bool command_decides = p.options.termination_command.has_value();
  bool followed = false;
  while (surplus > 0) {
    const auto victim = next_victim(p, surplus);
    if (!victim) return note_what_stays(p, surplus);
    if (command_decides && victim->serves && !victim->named) {
      if (left_to_the_command(p, surplus, followed)) return;
      command_decides = false;
    }
    followed = followed || victim->named;
    surplus -= p.facts.instances[victim->index].weight;
    take_out(p, *victim);
  }
}

}  // namespace weir::scale
