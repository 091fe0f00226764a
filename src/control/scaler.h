// Scaler: runs one scaling group: gathers the facts, asks scale::step, executes its actions.
//
// scaler.cc holds the options, the facts and the step; scaler_actions.cc what follows from it;
// scaler_hooks.cc the lifecycle hooks; scaler_choice.cc the termination command; scaler_operator.cc
// what people ask for; scaler_status.cc what they see.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/scope.h"
#include "control/builder.h"
#include "control/events.h"
#include "control/meters.h"
#include "control/records.h"
#include "control/status.h"
#include "fleet/gpus.h"
#include "fleet/provider.h"
#include "model/snapshot.h"
#include "net/reactor.h"
#include "notify/webhook.h"
#include "observe/metrics.h"
#include "scale/bounds.h"
#include "scale/demand.h"
#include "scale/engine.h"
#include "scale/sharing.h"

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
  notify::Webhooks& webhooks;
  std::function<Names()> zones_out;  // that an operator has taken out
  std::function<Names()> in_alarm;
  // An instance could not be started for want of devices.
  std::function<void()> lacks_devices;
  // How busy the devices are, where that is known.
  std::function<fleet::GpuUse(const std::vector<std::string>&)> gpus;
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
  // Its instance, or all of one template of its mix that are spot ("" for all templates), end in
  // that long. How many were told so; those that had been told of an earlier end stay as they are.
  std::size_t interrupt(const std::string& instance, Duration in);
  std::size_t interrupt_spot(const std::string& launch_template, Duration in);
  // How it competes for devices; and one of its instances gives way.
  scale::Sharer sharer() const;
  void give_way(const scale::Yield& yield);
  // What could not be started for want of a device or port is tried again.
  void start_waiting();
  // Out of service, and back. `replace`: desired stays, and another comes in its place.
  Task<Result<>> standby(std::string instance, bool replace);
  Task<Result<>> detach(std::string instance, bool replace);
  // Of an instance in standby, or detached.
  Task<Result<>> back_into_service(std::string instance);
  // An instance of another group comes into this one, in three steps: whether it may leave that
  // one (it is detached), desired rises here (or the reason why it may not come), and it moves.
  Result<> may_leave(const std::string& instance) const;
  Task<Result<>> make_place(std::string provider);
  void take_in(Scaler& from, const std::string& instance);
  // A lifecycle hook that an instance waits for; `token`, where it is given, must be that of the
  // wait. `result` none: a heartbeat.
  Task<Result<>> answer_hook(std::string instance, std::string hook, std::string token,
                             std::optional<HookResult> result);
  // An instance refresh to the launch template of the configuration. Code::conflict: one runs.
  Task<Result<>> start_refresh(RefreshOptions options);
  // Code::conflict: none runs, or there is nothing to go back to.
  Task<Result<>> cancel_refresh();
  Task<Result<>> roll_back_refresh();
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
  // What an instance was launched from. Code::not_found.
  Result<Launch> launch_of(const std::string& instance);
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
    std::optional<Time> idle_since, waiting_since;
    std::optional<fleet::Usage> usage;
    bool exited = false;
    bool adopted = false;
    bool launching = false;
  };

  void update_policies(const ScalingGroup& options);
  scale::Bounds bounds() const;  // in force now
  void keep_what_is_learned();
  void new_template(std::string launch);
  Task<> refresh_by_itself();
  void run_step();
  void keep(const scale::Step& step);
  void sample_foreign(Time now);
  scale::GroupFacts facts();
  scale::InstanceFacts facts_of(Member& member);
  std::vector<const Endpoint*> endpoints_of(const Member& member) const;
  // Nobody asks its instances: they are healthy from their start until they end.
  bool by_process() const { return options_.health == "process" || options_.target_groups.empty(); }
  static bool alive(const Member& member) { return member.started && !member.exited; }
  void execute(const scale::Action& action);
  void move(Member& member, const scale::Action& action);
  void stop(Member& member, Duration grace);
  void launch(const scale::Action& action);
  void choose(const scale::Action& action);
  Task<> ask_who_goes(std::string said);
  const InstanceTemplate* template_of(const Member& member) const;
  bool is_spot(const Member& member) const;
  std::vector<scale::Pool> pools(const fleet::Capacity& capacity) const;
  bool notice(Member& member, Duration in);
  void look_at_cost();
  CostStatus cost() const;
  Task<> spawn(std::string id);
  // The template of its version; of the configuration where it is not known any more.
  Launch launch_of(const Member& member) const;
  void take_out(Member& member);
  void set_state(Member& member, scale::Lifecycle state, scale::Cause cause);
  void save(const Member& member);
  Task<> save_task(InstanceRecord record);
  void begin_hooks(Member& member, Transition transition);
  void run_hooks(const Member& member);
  Task<> run_hook(std::string id, LifecycleHook hook, std::string token);
  void hook_done(const std::string& id, const std::string& token, HookResult result,
                 const std::string& how);
  void tell_hook(const Member& member, const HookRecord& hook, const std::string& what,
                 const std::string& cause);
  Result<Member*> find(const std::string& instance);
  Task<Result<>> set_aside(std::string instance, scale::Lifecycle to, bool replace);
  Task<Result<>> change_refresh(scale::Refresh next);
  void tell_refresh(const scale::Refresh& refresh);
  std::uint32_t weight_of(const Member& member) const;
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
  std::uint32_t reversals_ = 0;
  std::optional<std::uint32_t> manual_;
  std::optional<scale::Choice> choice_;
  bool choosing_ = false;
  std::vector<scale::Yield> yields_;
  std::map<std::string, Time> closing_;  // templates whose spot instances were told of their end
  std::optional<Time> cost_saved_, learned_saved_;
  bool updated_ = false;
  bool asked_ = false;
  bool stopping_ = false;
  net::Interrupt hooks_stop_;  // ends commands and webhooks
  Scope background_;
  struct Wake : net::Timer {
    explicit Wake(Scaler& s)
        : Timer([](net::Timer& timer) { static_cast<Wake&>(timer).scaler.ask(); }), scaler(s) {}
    Scaler& scaler;
  };
  Wake wake_;
};

}  // namespace weir::control
