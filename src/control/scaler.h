// Scaler: runs one scaling group: gathers the facts, asks scale::step, executes its actions.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/scope.h"
#include "control/builder.h"
#include "control/events.h"
#include "control/meters.h"
#include "control/records.h"
#include "control/status.h"
#include "fleet/provider.h"
#include "model/snapshot.h"
#include "net/reactor.h"
#include "observe/metrics.h"
#include "scale/demand.h"
#include "scale/engine.h"

namespace weir::control {

// What a scaler needs from the control around it.
struct ScalerHost {
  net::Reactor& reactor;
  Records& records;
  Events& events;
  fleet::Provider& provider;
  // The set of its endpoints, or their draining, has changed: build and publish.
  std::function<void()> changed;
  // Target groups as last published.
  std::function<const Group*(const std::string&)> group;
  std::function<observe::Distribution(const std::string&)> latencies;
  // Policies that alarms run now, and metrics that are none of the group's own.
  std::function<std::vector<scale::Run>(const std::string& group)> runs;
  std::function<std::optional<double>(const std::string& metric, Time second)> metric;
  const bool& held;  // nothing is to be decided yet
};

// Lives on the control thread.
class Scaler {
 public:
  Scaler(std::string name, ScalerHost host, const GroupRecord* record);
  ~Scaler();

  // The options, at first and after each change; a group that goes away gets max 0.
  void update(const ScalingGroup& options);
  bool fresh() const { return !updated_; }
  // An instance of an earlier weir that still runs.
  void adopt(const InstanceRecord& record, const fleet::Live& live);

  // Asks for a step at the end of this turn.
  void ask();
  // Once a second: samples, then a step.
  void sample();
  // Within the bounds in force. Committed before it takes effect.
  Task<Result<>> set_manual(std::uint32_t desired);
  // Takes one instance out by hand. False when it is not here.
  bool drain(const std::string& instance);
  // Of an instance that it has. Recorded when it returns.
  Task<Result<>> protect(std::string instance, bool on);
  void exited(const fleet::Exit& exit);
  // The provider's part of a record.
  Task<Result<>> record(std::string instance, std::string body);

  bool has(const std::string& instance) const { return members_.contains(instance); }
  // Nothing of it is left: it may be destroyed.
  bool over() const { return members_.empty() && !asked_ && background_.running() == 0; }
  const ScalingGroup& options() const { return options_; }
  // Its endpoints for the groups that it is attached to.
  std::vector<Backend> backends() const;
  ScalingGroupStatus status() const;
  // Tells its metrics, and those of its instances.
  void measure(Meters& meters, Time at) const;
  void stop_all();
  Task<> stop();

 private:
  struct Member {
    InstanceRecord record;
    Time launched{};
    Time state_since{};
    std::optional<Time> started, in_service_since, unhealthy_since, stopping_since;
    std::string address;
    std::int64_t pid = 0;
    std::vector<std::string> devices;
    std::string waiting_for;
    std::string exit_cause;
    std::string last_log;
    std::string reason;  // of its draining
    std::optional<fleet::Usage> usage;
    bool exited = false;
    bool adopted = false;
    bool launching = false;
  };

  void update_policies(const ScalingGroup& options);
  void run_step();
  void sample_foreign(Time now);
  scale::GroupFacts facts();
  scale::InstanceFacts facts_of(Member& member);
  std::vector<const Endpoint*> endpoints_of(const Member& member) const;
  void execute(const scale::Action& action);
  void launch(std::uint32_t count);
  Task<> spawn(std::string id);
  void set_state(Member& member, scale::Lifecycle state, scale::Cause cause);
  void save(const Member& member);
  Task<> save_task(InstanceRecord record);
  void note(const scale::Activity& activity);
  void tell(EventKind kind, const Member& member, const std::string& what, std::string cause);
  void tell_end(const Member& member, const std::string& how);

  std::string name_;
  ScalerHost host_;
  ScalingGroup options_;
  GroupRecord record_;
  std::vector<std::unique_ptr<scale::Policy>> policies_;
  scale::Series series_;
  std::unique_ptr<scale::Demand> demand_;  // null: no policy asks for a forecast
  scale::Memory memory_;
  std::map<std::string, Member> members_;
  std::map<std::string, observe::Distribution> latencies_;  // as of the last sample
  std::deque<ActivityStatus> activities_;                   // newest first
  std::uint64_t successful_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<std::string> notes_;
  std::optional<std::uint32_t> manual_;
  bool updated_ = false;
  bool asked_ = false;
  bool stopping_ = false;
  Scope background_;
  struct Wake : net::Timer {
    explicit Wake(Scaler& s)
        : Timer([](net::Timer& timer) { static_cast<Wake&>(timer).scaler.ask(); }), scaler(s) {}
    Scaler& scaler;
  };
  Wake wake_;
};

}  // namespace weir::control
