// AlarmBoard: the alarms of the configuration: what state each is in, since when and why, and which
// policies they run. Pure: datapoints and time come in, changes go out.
//
// Source: CloudWatch user guide, "Using Amazon CloudWatch alarms" (alarm states; an action on
// Auto Scaling is invoked again each period for as long as the alarm stays in the state), and
// SetAlarmState of its API: a state set by hand lasts until the next evaluation.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/desired.h"
#include "scale/alarm.h"
#include "scale/facts.h"

namespace weir::scale {

struct AlarmChange {
  std::string alarm;
  WallTime at{};
  AlarmState from = AlarmState::insufficient_data;
  AlarmState to = AlarmState::insufficient_data;
  std::string reason;
  bool by_hand = false;
};

struct AlarmStanding {
  AlarmState state = AlarmState::insufficient_data;
  WallTime since{};
  std::string reason;
  std::optional<double> newest;     // datapoint
  std::deque<AlarmChange> history;  // newest first
};

// Lives on one thread.
class AlarmBoard {
 public:
  static constexpr std::size_t kHistory = 100;  // changes kept of each

  // From now on these. What stays keeps its state; a new one is in insufficient_data.
  void update(const Named<AlarmResource>& alarms, WallTime now);
  // What an earlier process knew of one that is there; `history` newest first. A state that was
  // known is kept until there can be datapoints of all evaluation periods again: seconds end with a
  // process, and that is no news.
  void restore(const std::string& alarm, AlarmState state, WallTime since, std::string reason,
               std::deque<AlarmChange> history, Time now);

  // The last `count` datapoints of periods that are over, oldest first.
  using Datapoints =
      std::function<std::vector<std::optional<double>>(const Alarm& alarm, std::size_t count)>;
  // Judges those of which a period has ended since they were judged last. To be called each second.
  std::vector<AlarmChange> step(Time now, WallTime wall, const Datapoints& datapoints);

  // By hand. A change also where the state stays: its actions are wanted.
  Result<AlarmChange> set(const std::string& alarm, AlarmState state, std::string reason,
                          WallTime now);

  // What is to be done in the state that it has come into; none where actions are not enabled.
  std::vector<AlarmAction> actions(const AlarmChange& change) const;
  // The policies of a group that alarms run now.
  std::vector<Run> runs(const std::string& scaling_group) const;

  const AlarmStanding* find(const std::string& alarm) const;
  const Named<AlarmResource>& alarms() const { return alarms_; }

 private:
  struct Entry {
    AlarmStanding standing;
    std::optional<std::int64_t> judged;  // the number of the last period
    Time not_before{};                   // it is judged
  };
  const std::vector<AlarmAction>& actions_of(const AlarmResource& alarm, AlarmState state) const;
  AlarmChange change(const std::string& name, Entry& entry, AlarmState to, std::string reason,
                     WallTime at, bool by_hand);

  Named<AlarmResource> alarms_;
  std::map<std::string, Entry> entries_;
};

// OK, ALARM, INSUFFICIENT_DATA, as CloudWatch writes them.
std::string_view state_word(AlarmState state);
std::optional<AlarmState> parse_state_word(std::string_view word);

}  // namespace weir::scale
