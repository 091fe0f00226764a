// Records: what must outlive the process, written through one background thread in the order of
// the calls: desired state, instances with their lifecycle, history.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "control/learned_record.h"
#include "control/status.h"
#include "net/background.h"
#include "scale/alarm_board.h"
#include "scale/cost.h"
#include "scale/demand.h"
#include "scale/engine.h"
#include "state/store.h"

namespace weir::control {

// A lifecycle hook at work.
struct HookRecord {
  std::string name;
  std::string token;  // of this one wait: who completes it may say it
  WallTime begun{};
  WallTime heartbeat{};
  std::optional<HookResult> result{};
};

// An instance's part of the record that is ours; the provider's is opaque.
struct InstanceRecord {
  std::string id;
  std::string group;
  scale::Lifecycle state = scale::Lifecycle::pending;
  scale::Cause cause = scale::Cause::none;
  std::uint32_t version = 1;
  std::uint32_t generation = 0;  // as in scale::InstanceFacts
  bool from_pool = false;
  std::vector<HookRecord> hooks;  // of the wait that it is in
  WallTime launched{};
  WallTime state_since{};       // these two: the epoch where a former version did not record it
  WallTime in_service_since{};  // or it has never served
  bool is_protected = false;    // from scale-in
  std::string zone;
  std::string launch_template;  // of the group's mix; "" without one
  WallTime noticed_at{};        // when its end was told, and when that comes; the epoch: it was not
  WallTime ends_at{};
  std::string provider;  // its kind
  std::string body;      // of the provider; "" before the spawn and after the end
};

// What a scaling group remembers.
struct GroupRecord {
  std::uint32_t desired = 0;
  std::optional<WallTime> scheduled;  // these two: as scale::Memory has them
  std::optional<scale::Raised> raised;
  std::uint32_t version = 1;                     // of its launch template
  std::string launch;                            // the template, to see whether it has changed
  scale::Ledger ledger;                          // what its instances have cost
  std::map<std::uint32_t, std::string> earlier;  // those that something still has, or goes back to
  std::optional<scale::Refresh> refresh;         // the last one

  // What is launched now: the configuration's, or what a refresh goes or went back to.
  std::uint32_t launching() const {
    if (!refresh || refresh->number == 0) return version;
    using enum scale::Refresh::Status;
    const bool back = refresh->status == rollback_in_progress ||
                      refresh->status == rollback_successful || refresh->status == rollback_failed;
    return back && refresh->before == version ? refresh->version : version;
  }
};

// What an alarm remembers.
struct AlarmRecord {
  scale::AlarmState state = scale::AlarmState::insufficient_data;
  WallTime since{};
  std::string reason;
  std::deque<scale::AlarmChange> history;  // newest first
};

// Lives on the control thread.
class Records {
 public:
  Records(net::Reactor& reactor, std::unique_ptr<state::Store> store);

  // At start and for a new group: these block for a read.
  Result<std::vector<InstanceRecord>> load_instances();
  Result<std::map<std::string, GroupRecord>> load_groups();
  std::vector<ActivityStatus> load_activities(const std::string& group, std::size_t limit);
  const std::string& store_id() const { return store_->id(); }

  Task<Result<>> save(InstanceRecord record);
  void forget(const std::string& instance);
  void save(const std::string& group, const GroupRecord& record);
  Task<Result<>> commit(std::string group, GroupRecord record);
  void forget_group(const std::string& group);
  void append(const std::string& group, const ActivityStatus& activity);
  // Blocks for a read. Nothing is known: empty.
  LearnedRecord load_learned(const std::string& group);
  void save(const std::string& group, const LearnedRecord& record);
  // Blocks for a read. Oldest first.
  std::vector<scale::DemandMinute> load_demand(const std::string& group);
  void append(const std::string& group, const scale::DemandMinute& minute);
  // Blocks for a read. Nothing is known of it: nullopt.
  std::optional<AlarmRecord> load_alarm(const std::string& alarm, std::size_t limit);
  // The state that it has come into, and the change as a line of its history.
  void save_alarm(const scale::AlarmChange& change, WallTime since);
  // What was given before is written.
  Task<> settled();
  // Its history is left, until the store has kept too much of it.
  void forget_alarm(const std::string& alarm);
  // The metrics of a minute.
  void append(std::vector<state::Point> points);
  Task<Result<std::vector<state::Point>>> load_points(std::string metric, WallTime from);
  // All of a version of the desired state: puts and removals in one transaction.
  Task<Result<>> commit(state::Change change);
  // Not awaited; what is lost with the disk is found again at the next start.
  void remove_later(std::string what, state::Change change) {
    post(std::move(what), std::move(change));
  }
  Result<std::vector<state::Resource>> load_resources(const std::string& kind);
  // Of all tenants, and of the kinds that begin so.
  Result<std::vector<state::Resource>> load_all(const std::string& kinds);
  // Another process becomes its writer: what was given before is written first. Then, maybe, back.
  void close();
  Result<> reopen(const std::string& path);

 private:
  void post(std::string what, state::Change change);
  void add_to_history(state::Activity row);

  Result<> write(const state::Change& change);

  net::Reactor& reactor_;
  std::unique_ptr<state::Store> store_;  // used by background_ alone
  net::Background background_;
};

}  // namespace weir::control
