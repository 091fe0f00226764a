// Control: owns all desired state and what follows from it: snapshots, scaling groups, history.
//
// Lives on the control thread. Changes take their turn, in the order of the calls: validate,
// commit, build, publish. A change that fails changes nothing. `app` wires it to the data plane
// and to the health monitor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/scope.h"
#include "base/task.h"
#include "control/access_keys.h"
#include "control/alarms.h"
#include "control/builder.h"
#include "control/discovery.h"
#include "control/events.h"
#include "control/foreign_load.h"
#include "control/handover.h"
#include "control/interruption_watch.h"
#include "control/listener_set.h"
#include "control/meters.h"
#include "control/ownership.h"
#include "control/records.h"
#include "control/scaler.h"
#include "control/status.h"
#include "control/turns.h"
#include "control/zone_shifts.h"
#include "fleet/gpu_watch.h"
#include "model/desired_decode.h"
#include "model/desired_encode.h"
#include "net/reactor.h"
#include "net/resolver.h"
#include "notify/notifier.h"
#include "observe/metrics.h"

namespace weir::control {

struct Outside {
  // Hands a snapshot and the descriptors of its listeners to the workers; `then` is called on the
  // control thread once all have taken it over.
  std::function<void(std::shared_ptr<const Snapshot>, const std::vector<OpenListener>&,
                     std::function<void()> then)>
      publish;
  // All latencies of a target group so far.
  std::function<observe::Distribution(const std::string& group)> latencies;
  // What the last health check of an endpoint said.
  std::function<std::string(EndpointId)> health_reason;
  // Ends what is under way at an endpoint.
  std::function<void(std::shared_ptr<const Endpoint>)> cut;
  // Somebody else's requests on its endpoints have ended: those who wait may try.
  std::function<void(const Group&)> relieved = {};
  // Requests and connections so far.
  std::function<Counts()> counts = {};
};

// What an apply did or would do.
struct Applied {
  std::vector<Mistake> mistakes;        // not empty: nothing was changed
  std::vector<Difference> differences;  // from what ran before
  std::vector<std::string> notes;       // what takes effect only at the next start
  bool good() const { return mistakes.empty(); }
};

class Control {
 public:
  // `workers`: as many listening sockets are opened for each address.
  Control(net::Reactor& reactor, std::unique_ptr<state::Store> store, Outside outside,
          std::vector<net::Inherited> inherited, std::size_t workers);
  ~Control();

  // The first version: what the file declares, and the instances of an earlier weir, adopted.
  Task<Applied> start(std::string path, Loaded loaded);
  // Reads the served file again (SIGHUP).
  Task<Applied> reload();
  // What `origin` (a file's path, or "api") declares from now on. What it declared before and does
  // not any more goes; what others own stays. `with` is committed in the same transaction.
  Task<Applied> apply(std::string origin, Loaded loaded, state::Change with = {});
  // For a door that keeps records of its own: these of all tenants, whose kinds begin so (blocks),
  // and a change of them that the desired state has no part in.
  Result<std::vector<state::Resource>> records_of(const std::string& kinds) {
    return records_.load_all(kinds);
  }
  Task<Result<>> record(state::Change change);
  // What apply would do.
  Applied plan(const std::string& origin, const Loaded& loaded) const;

  const Desired& desired() const { return desired_; }
  const std::string& path() const { return path_; }
  Status status() const;
  // Of one scaling group, and the group of an instance. Code::not_found.
  Result<ScalingGroupStatus> group_status(const std::string& group) const;
  Result<std::string> group_of(const std::string& instance) const;
  // What an instance was launched from. Code::not_found.
  Result<Launch> launch_of(const std::string& instance) const;
  // Of one target group, one instance; nullopt: there is none.
  std::optional<TargetGroupStatus> target_group(const std::string& name) const;
  std::optional<InstanceStatus> instance(const std::string& id) const;
  // What happens to its groups and alarms.
  Events& events() { return events_; }
  // Who is told of it, and the way to tell others. From start() on.
  notify::Notifier& notifier() { return *notifier_; }
  const Snapshot* snapshot() const { return snapshot_.get(); }

  // `weir scale GROUP N`.
  Task<Result<>> scale(std::string group, std::uint32_t n);
  // `weir drain ENDPOINT|INSTANCE`: an address, group/address, or instance id. Nothing new is sent
  // there; an instance is stopped once drained, and replaced. What is left at a static endpoint
  // after its group's deregistration_delay is cut. `back` undoes it for an endpoint.
  Result<> drain(const std::string& what, bool back = false);
  // `weir interrupt INSTANCE`: its machine is taken away in that long.
  Result<> interrupt(const std::string& instance, Duration in);
  // All spot instances here are (SIGPWR), each in what its group says. How many there are.
  std::size_t interrupt_all();
  // `weir protect INSTANCE`: not to be scaled in. Recorded when it returns.
  Task<Result<>> protect(std::string instance, bool on);
  // `weir standby`, `weir detach`, and back: Scaler.
  Task<Result<>> standby(std::string instance, bool replace);
  Task<Result<>> detach(std::string instance, bool replace);
  Task<Result<>> back_into_service(std::string instance);
  // `weir attach`: a detached instance, back into its scaling group, or into another (not "").
  Task<Result<>> attach(std::string instance, std::string group);
  Task<Result<>> answer_hook(std::string instance, std::string hook, std::string token,
                             std::optional<HookResult> result);
  // `weir refresh GROUP`. What `options` leaves out is the group's.
  Task<Result<>> start_refresh(std::string group, RefreshOptions options);
  Task<Result<>> cancel_refresh(std::string group);
  Task<Result<>> roll_back_refresh(std::string group);
  // `weir shift-zone ZONE`: nothing new is sent there for that long. When it ends.
  Task<Result<WallTime>> shift_zone(std::string zone, Duration time);
  Task<Result<>> cancel_shift(std::string zone);
  std::vector<AlarmStatus> alarms() const;
  // Until it is judged next; its actions are done. Recorded when it returns.
  Task<Result<>> set_alarm(std::string alarm, scale::AlarmState state, std::string reason);
  // A custom metric: the sum of `count` values.
  Result<> push(MetricName name, double value, std::optional<WallTime> time, double count = 1);
  // The same of a minute that is long over: its mean, for the history.
  void push_minute(MetricName name, double mean, WallTime time);
  // Who declared a resource (Ownership).
  std::string owner(const std::string& kind, const std::string& name) const {
    return ownership_.owner(kind, name);
  }
  MeterMoment moment() const { return {reactor_.clock().now(), reactor_.clock().wall()}; }
  // Who may call the AWS API. From start() on.
  AccessKeys& access_keys() { return access_keys_; }
  const Meters& meters() const { return meters_; }
  // The minutes of a metric from then on, the oldest first, by its name as the library has it.
  Task<Result<std::vector<state::Point>>> minutes(std::string metric, WallTime from);
  // Path of an instance's log, and its last lines.
  Result<std::string> log_path(const std::string& instance) const;
  Result<std::vector<std::string>> log_tail(const std::string& instance, std::size_t lines) const;

  // Events, on the control thread: something that the groups' next step depends on.
  void queue_started(const std::string& target_group);
  void endpoint_changed(const std::string& target_group);

  // Started, and not on its way out.
  bool ready() const { return ready_ && !draining_ && !handing_over_; }
  void set_draining() { draining_ = true; }
  // Once no worker accepts any more.
  void close_listeners() { listeners_.close_all(); }
  // Ends all instances and waits for them. False when the time was not enough.
  Task<bool> stop_instances(net::Deadline deadline);
  // Ends background work; the instances live on.
  Task<> stop();

  // ---- hand-over to a successor, in the order of the calls (handover.cc)
  // Nothing is changed, scaled or recorded any more, and the store is closed: it has one writer.
  Task<> let_go();
  // The successor failed: goes on as before.
  Task<> take_back();
  // It did not: what is left here is to drain.
  void succeeded();
  std::vector<HandedListener> handed(std::vector<int>& fds) const { return listeners_.handed(fds); }
  // The endpoints as they are now, with what others have on them.
  std::vector<EndpointMemory> memories() const;
  tls::TicketKeys& tickets() { return builder_.tickets(); }
  // ---- and of a successor: before start(); nothing is accepted and nothing scaled until
  // release().
  void hold(const std::vector<EndpointMemory>& endpoints);
  bool caught_up() const;
  void release();
  // What the earlier one still has in flight.
  void share(const std::vector<EndpointMemory>& of_another);

 private:
  struct Planned {
    Applied applied;
    Desired next;  // with what others own
  };
  Planned planned(const std::string& origin, const Loaded& loaded) const;
  Task<Applied> change(std::string origin, Loaded loaded, state::Change with);
  Result<> take_over_store();
  Result<> start_fleet();
  void adopt_instances(const std::vector<InstanceRecord>& records);
  Scaler& scaler(const std::string& name);
  Result<Scaler*> scaler_of(const std::string& instance);
  Result<Scaler*> known_scaler(const std::string& group);
  void update_scalers();
  void share_devices();
  void start_waiting();
  void watch_outside();
  void want_rebuild();
  void rebuild();
  Task<> published();
  Task<> tick();
  void measure();
  void ask_scaler(const std::string& group);
  Task<> cut_later(std::string key, Time since, Duration delay);
  void take_out(const Group& group, const std::shared_ptr<const Endpoint>& endpoint);
  Result<> load_shifts();
  void expire_shifts();
  std::vector<ZoneStatus> zone_status() const;
  state::Change difference_for_store(const Desired& next, const Desired& file,
                                     const std::string& origin, state::Change change) const;
  const Group* group(const std::string& name) const;
  TargetGroupStatus status_of(const Group& group) const;

  net::Reactor& reactor_;
  Events events_;
  Records records_;
  Outside outside_;
  ListenerSet listeners_;
  Builder builder_;
  net::Signal published_;  // all workers run published_version_
  std::uint64_t published_version_ = 0;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<Discovery> discovery_;
  std::unique_ptr<notify::Notifier> notifier_;
  std::unique_ptr<Events::Listener> notifier_hears_;
  Meters meters_;
  std::unique_ptr<Alarms> alarms_;
  std::unique_ptr<fleet::Provider> provider_;
  std::map<std::string, GroupRecord> group_records_;
  std::map<std::string, std::unique_ptr<Scaler>> scalers_;
  Turns turns_;
  Desired desired_;
  Ownership ownership_;
  std::string path_;  // of the file that is served
  std::shared_ptr<const Snapshot> snapshot_;
  std::map<std::string, Time> taken_out_;  // static endpoints drained by hand: group/address
  ZoneShifts shifts_;
  std::map<std::pair<std::string, std::string>, EndpointMemory> expected_;  // group, address
  ForeignLoad foreign_;
  struct Sharing : net::Timer {
    explicit Sharing(Control& c)
        : Timer([](net::Timer& timer) { static_cast<Sharing&>(timer).control.share_devices(); }),
          control(c) {}
    Control& control;
  };
  Sharing sharing_{*this};  // an instance has been idle for long enough
  std::unique_ptr<fleet::GpuWatch> gpus_;
  std::unique_ptr<InterruptionWatch> interruptions_;
  std::vector<std::unique_ptr<fleet::Provider>> retired_providers_;
  std::vector<std::unique_ptr<Scaler>> retired_scalers_;
  net::Background files_;
  AccessKeys access_keys_{reactor_, records_, files_};
  net::Interrupt closing_;
  Scope background_;
  Time started_;
  bool ready_ = false;
  bool draining_ = false;
  bool held_ = false;
  bool handing_over_ = false;
  bool succeeded_ = false;
  bool rebuild_wanted_ = false;
};

}  // namespace weir::control
