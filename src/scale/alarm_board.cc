#include "scale/alarm_board.h"

#include <fmt/format.h>

#include <utility>

namespace weir::scale {

void AlarmBoard::update(const Named<AlarmResource>& alarms, WallTime now) {
  std::erase_if(entries_, [&](const auto& row) { return !alarms.contains(row.first); });
  for (const auto& [name, alarm] : alarms) {
    const auto before = alarms_.find(name);
    const auto [entry, fresh] = entries_.try_emplace(name);
    if (fresh) {
      entry->second.standing.since = now;
      entry->second.standing.reason = "it has not been judged yet";
    }
    // Another metric, or another way to judge it: at once.
    if (before != alarms_.end() && !(before->second.alarm == alarm.alarm)) {
      entry->second.judged.reset();
      entry->second.not_before = Time();
    }
  }
  alarms_ = alarms;
}

void AlarmBoard::restore(const std::string& alarm, AlarmState state, WallTime since,
                         std::string reason, std::deque<AlarmChange> history, Time now) {
  const auto found = entries_.find(alarm);
  if (found == entries_.end()) return;
  if (state != AlarmState::insufficient_data) {
    const Alarm& options = alarms_.at(alarm).alarm;
    found->second.not_before = now + (options.evaluation_periods + 1) * options.period;
  }
  AlarmStanding& standing = found->second.standing;
  standing.state = state;
  standing.since = since;
  standing.reason = std::move(reason);
  standing.history = std::move(history);
}

AlarmChange AlarmBoard::change(const std::string& name, Entry& entry, AlarmState to,
                               std::string reason, WallTime at, bool by_hand) {
  AlarmStanding& standing = entry.standing;
  AlarmChange made{name, at, standing.state, to, std::move(reason), by_hand};
  if (standing.state != to) standing.since = at;
  standing.state = to;
  standing.reason = made.reason;
  standing.history.push_front(made);
  if (standing.history.size() > kHistory) standing.history.pop_back();
  return made;
}

std::vector<AlarmChange> AlarmBoard::step(Time now, WallTime wall, const Datapoints& datapoints) {
  std::vector<AlarmChange> changes;
  for (auto& [name, entry] : entries_) {
    const Alarm& alarm = alarms_.at(name).alarm;
    const std::int64_t period = now.time_since_epoch() / alarm.period;
    if (entry.judged == period || now < entry.not_before) continue;
    entry.judged = period;
    const auto points = datapoints(alarm, evaluation_range(alarm));
    entry.standing.newest = points.empty() ? std::nullopt : points.back();
    const WallTime newest = wall - now.time_since_epoch() % alarm.period - alarm.period;
    Evaluation judged = evaluate(alarm, points, entry.standing.state, newest);
    if (judged.state == entry.standing.state) continue;
    changes.push_back(change(name, entry, judged.state, std::move(judged.reason), wall, false));
  }
  return changes;
}

Result<AlarmChange> AlarmBoard::set(const std::string& alarm, AlarmState state, std::string reason,
                                    WallTime now) {
  const auto found = entries_.find(alarm);
  if (found == entries_.end()) return fail(Code::not_found, "no alarm '" + alarm + "'");
  return change(alarm, found->second, state, std::move(reason), now, true);
}

const std::vector<AlarmAction>& AlarmBoard::actions_of(const AlarmResource& alarm,
                                                       AlarmState state) const {
  static const std::vector<AlarmAction> none;
  if (!alarm.actions_enabled) return none;
  switch (state) {
    case AlarmState::alarm:
      return alarm.on_alarm;
    case AlarmState::ok:
      return alarm.on_ok;
    case AlarmState::insufficient_data:
      return alarm.on_insufficient_data;
  }
  return none;
}

std::vector<AlarmAction> AlarmBoard::actions(const AlarmChange& change) const {
  const auto found = alarms_.find(change.alarm);
  if (found == alarms_.end()) return {};
  return actions_of(found->second, change.to);
}

std::vector<Run> AlarmBoard::runs(const std::string& scaling_group) const {
  std::vector<Run> all;
  for (const auto& [name, alarm] : alarms_) {
    const AlarmStanding& standing = entries_.at(name).standing;
    for (const AlarmAction& action : actions_of(alarm, standing.state)) {
      if (action.scaling_group != scaling_group || action.policy.empty()) continue;
      Run run;
      run.policy = action.policy;
      run.distance = standing.newest.value_or(alarm.alarm.threshold) - alarm.alarm.threshold;
      run.period = alarm.alarm.period;
      run.reason = fmt::format("alarm {} was in state {} ({})", name, state_word(standing.state),
                               standing.reason);
      if (run.reason.ends_with(".)")) run.reason.replace(run.reason.size() - 2, 2, ")");
      all.push_back(std::move(run));
    }
  }
  return all;
}

const AlarmStanding* AlarmBoard::find(const std::string& alarm) const {
  const auto found = entries_.find(alarm);
  return found == entries_.end() ? nullptr : &found->second.standing;
}

std::string_view state_word(AlarmState state) {
  switch (state) {
    case AlarmState::ok:
      return "OK";
    case AlarmState::alarm:
      return "ALARM";
    case AlarmState::insufficient_data:
      return "INSUFFICIENT_DATA";
  }
  return "";
}

std::optional<AlarmState> parse_state_word(std::string_view word) {
  for (const AlarmState state :
       {AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data}) {
    if (word == state_word(state)) return state;
  }
  return std::nullopt;
}

}  // namespace weir::scale
