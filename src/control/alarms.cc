#include "control/alarms.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "base/log.h"

namespace weir::control {
namespace {

// Whose event it is: that of the first policy that it runs, or of its metric.
std::string group_of(const AlarmResource& alarm) {
  for (const auto* actions : {&alarm.on_alarm, &alarm.on_ok, &alarm.on_insufficient_data}) {
    for (const AlarmAction& action : *actions) {
      if (!action.scaling_group.empty()) return action.scaling_group;
    }
  }
  const auto metric = parse_metric_name(alarm.alarm.metric);
  if (!metric) return "";
  const auto found = metric->dimensions.find("scaling_group");
  return found == metric->dimensions.end() ? "" : found->second;
}

Event event_of(const scale::AlarmChange& change, const AlarmResource& alarm) {
  Event event;
  event.kind = EventKind::alarm;
  event.time = change.at;
  event.group = group_of(alarm);
  event.description = fmt::format("Alarm {} is in state {}, after {}", change.alarm,
                                  state_word(change.to), state_word(change.from));
  event.cause = change.reason;
  event.details = {{"alarm", change.alarm},
                   {"state", std::string(state_word(change.to))},
                   {"before", std::string(state_word(change.from))},
                   {"metric", alarm.alarm.metric}};
  return event;
}

}  // namespace

Alarms::Alarms(Records& records, Events& events, Hooks hooks)
    : records_(records), events_(events), hooks_(std::move(hooks)) {}

void Alarms::update(const Named<AlarmResource>& alarms, MeterMoment at) {
  std::set<std::string> fresh;
  for (const auto& [name, alarm] : alarms) {
    if (!board_.find(name)) fresh.insert(name);
  }
  for (const auto& [name, alarm] : board_.alarms()) {
    if (!alarms.contains(name)) records_.forget_alarm(name);
  }
  board_.update(alarms, at.wall);
  for (const std::string& name : fresh) {
    auto known = records_.load_alarm(name, scale::AlarmBoard::kHistory);
    if (!known) continue;
    board_.restore(name, known->state, known->since, std::move(known->reason),
                   std::move(known->history), at.now);
  }
}

void Alarms::step(const Meters& meters, MeterMoment at) {
  const auto changes = board_.step(at.now, at.wall, [&](const Alarm& alarm, std::size_t count) {
    return meters.datapoints(alarm, at.now, count);
  });
  for (const scale::AlarmChange& change : changes) changed(change);
}

Result<> Alarms::set(const std::string& alarm, scale::AlarmState state, std::string reason,
                     WallTime now) {
  TRY(const auto change, board_.set(alarm, state, std::move(reason), now));
  changed(change);
  return {};
}

void Alarms::changed(const scale::AlarmChange& change) {
  const AlarmResource& alarm = board_.alarms().at(change.alarm);
  LOG(info, "alarm changes state", {"alarm", change.alarm}, {"from", state_word(change.from)},
      {"to", state_word(change.to)}, {"reason", change.reason}, {"by_hand", change.by_hand});
  records_.save_alarm(change, board_.find(change.alarm)->since);
  const Event& event = events_.publish(event_of(change, alarm));
  for (const AlarmAction& action : board_.actions(change)) {
    if (!action.notification.empty()) hooks_.tell(action.notification, event);
  }
  std::set<std::string> groups;  // of what runs now, and of what ran before
  for (const auto* actions : {&alarm.on_alarm, &alarm.on_ok, &alarm.on_insufficient_data}) {
    for (const AlarmAction& action : *actions) groups.insert(action.scaling_group);
  }
  groups.erase("");
  for (const std::string& group : groups) hooks_.run(group);
}

std::vector<scale::Run> Alarms::runs(const std::string& scaling_group) const {
  return board_.runs(scaling_group);
}

Names Alarms::in_alarm() const {
  Names names;
  for (const auto& [name, alarm] : board_.alarms()) {
    if (board_.find(name)->state == scale::AlarmState::alarm) names.push_back(name);
  }
  return names;
}

std::vector<AlarmStatus> Alarms::status() const {
  std::vector<AlarmStatus> all;
  for (const auto& [name, alarm] : board_.alarms()) {
    const scale::AlarmStanding& standing = *board_.find(name);
    AlarmStatus one;
    one.name = name;
    one.metric = alarm.alarm.metric;
    one.state = state_word(standing.state);
    one.since = standing.since;
    one.reason = standing.reason;
    one.newest = standing.newest;
    one.threshold = alarm.alarm.threshold;
    one.actions_enabled = alarm.actions_enabled;
    for (const scale::AlarmChange& change : standing.history) {
      one.history.push_back({change.at, std::string(state_word(change.from)),
                             std::string(state_word(change.to)), change.reason, change.by_hand});
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace weir::control
