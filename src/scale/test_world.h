// TestWorld: a scaling group whose servers only exist as numbers. It executes the engine's actions,
// as control does, and serves requests: each instance `slots` at once, the rest in one line.
// For tests only. Steps the engine when it asks for it, and at events.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "scale/engine.h"
#include "scale/sample.h"

namespace weir::scale {

class TestWorld {
 public:
  static constexpr Duration kTick = 50ms;

  ScalingGroup options;
  GroupFacts facts;
  Series series;
  Memory memory;
  std::vector<std::unique_ptr<Policy>> policies;

  Duration start_time = 2s;
  Duration stop_time = 100ms;
  Duration service_time = 300ms;
  std::uint32_t slots = 2;
  std::function<double(double)> rate = [](double) { return 0.0; };  // of seconds; per second

  std::vector<Action> actions;
  std::vector<Activity> activities;
  Step last;
  std::string trace;  // a line a second
  std::uint64_t answered = 0, cut = 0, cut_by_scale_in = 0, steps = 0;
  std::vector<std::uint32_t> desired;  // after each second
  double waited = 0;                   // seconds, of all answered ones
  double instance_seconds = 0;

  explicit TestWorld(std::uint64_t seed = 1) : random_(seed) {
    facts.name = "ocr";
    facts.deregistration_delay = 30s;
    options.target_groups = {"ocr"};
    options.max = 4;
  }

  void track(const std::string& metric, double target, Duration cooldown = 60s) {
    TargetTracking tracking;
    tracking.metric = metric;
    tracking.target = target;
    tracking.scale_in_cooldown = cooldown;
    weir::Policy policy;
    policy.target_tracking = tracking;
    options.policies.push_back(policy);
    policies.push_back(std::move(*make_policy(policy)));
  }

  Time now() const { return clock_->now(); }
  double elapsed() const { return seconds(now() - begin_); }
  void event() { next_ = now(); }
  void manual(std::uint32_t n) {
    facts.manual = n;
    event();
  }

  void run(Duration length) {
    for (const Time end = now() + length; now() < end;) {
      clock_->advance(kTick);
      tick();
    }
  }

  // One step at this moment, executed.
  const Step& step_now() {
    gather();
    sample(series, facts, options.warm_up, now());
    last = step(options, policies, facts, series, memory, {now(), clock_->wall()});
    ++steps;
    facts.manual.reset();
    facts.yields.clear();
    for (const Action& a : last.actions) execute(a);
    actions.insert(actions.end(), last.actions.begin(), last.actions.end());
    activities.insert(activities.end(), last.activities.begin(), last.activities.end());
    next_ = last.next;
    return last;
  }

  InstanceFacts* find(const std::string& id) {
    for (auto& i : facts.instances) {
      if (i.id == id) return &i;
    }
    return nullptr;
  }
  std::size_t count(Lifecycle state) const {
    return static_cast<std::size_t>(
        std::count_if(facts.instances.begin(), facts.instances.end(),
                      [&](const InstanceFacts& i) { return i.state == state; }));
  }
  std::size_t done(Action::Kind kind) const {
    return static_cast<std::size_t>(std::count_if(actions.begin(), actions.end(),
                                                  [&](const Action& a) { return a.kind == kind; }));
  }
  // The last activity's cause, or "".
  std::string cause() const { return activities.empty() ? "" : activities.back().cause; }
  std::string causes() const {
    std::string all;
    for (const auto& a : activities) all += a.description + ": " + a.cause + "\n";
    return all;
  }

 private:
  struct Request {
    Time arrived;
    Time ends;
    std::string instance;
  };

  void tick() {
    const bool queued = !line_.empty();
    servers();
    arrive();
    serve();
    if (!queued && !line_.empty()) event();
    if (now() >= next_) step_now();
    instance_seconds += seconds(kTick) * static_cast<double>(facts.instances.size());
    const auto second = static_cast<std::size_t>(elapsed());
    if (second > desired.size()) {
      gather();
      sample(series, facts, options.warm_up, now());
      desired.push_back(last.desired);
      trace +=
          fmt::format("{:5} s: rate {:6.2f} waiting {:3} in flight {:3} desired {} serving {}\n",
                      second, rate(elapsed()), facts.waiting, facts.in_flight, last.desired,
                      count(Lifecycle::in_service));
    }
  }

  // Starts that are over, processes that have ended.
  void servers() {
    for (auto& i : facts.instances) {
      const bool up = i.state == Lifecycle::pending || i.state == Lifecycle::warmed_pending;
      if (up && i.started && !i.healthy && i.version != broken_version && !i.exited &&
          now() - *i.started >= start_time) {
        i.healthy = true;
        event();
      }
      if (i.stopping_since && !i.exited && now() - *i.stopping_since >= stop_time) {
        i.exited = true;
        i.exit_cause = "signal 15";
        event();
      }
      if (!i.exited) continue;
      cut += static_cast<std::uint64_t>(
          std::erase_if(running_, [&](const Request& r) { return r.instance == i.id; }));
    }
  }

  void arrive() {
    double expected = rate(elapsed()) * seconds(kTick);
    while (expected > 0) {  // Poisson, by exponential gaps within the tick
      gap_ -= expected;
      if (gap_ > 0) break;
      expected = -gap_;
      gap_ = -std::log(1 - random_.unit());
      line_.push_back({now(), {}, {}});
      ++facts.arrivals;
      facts.last_arrival = now();
    }
  }

  void serve() {
    std::erase_if(running_, [&](const Request& r) {
      if (r.ends > now()) return false;
      ++answered;
      series.add_latency(now(), seconds(r.ends - r.arrived));
      return true;
    });
    gather();
    while (!line_.empty()) {
      InstanceFacts* best = nullptr;
      for (auto& i : facts.instances) {
        if (i.state != Lifecycle::in_service || i.exited || i.in_flight >= slots) continue;
        if (!best || i.in_flight < best->in_flight) best = &i;
      }
      if (!best) break;
      Request r = line_.front();
      line_.pop_front();
      waited += seconds(now() - r.arrived);
      r.instance = best->id;
      r.ends = now() + from_seconds(-std::log(1 - random_.unit()) * seconds(service_time));
      ++best->in_flight;
      running_.push_back(r);
    }
    gather();
  }

  void gather() {
    facts.waiting = static_cast<std::uint32_t>(line_.size()) + extra_waiting;
    for (auto& i : facts.instances) i.in_flight = i.id == pinned ? 1 : 0;
    for (const Request& r : running_) {
      if (auto* i = find(r.instance)) ++i->in_flight;
    }
    facts.in_flight = static_cast<std::uint32_t>(running_.size());
    if (find(pinned)) ++facts.in_flight;
  }

  void execute(const Action& a) {
    if (a.kind == Action::Kind::launch) {
      for (std::uint32_t n = 0; n < a.count; ++n) {
        InstanceFacts i;
        i.id = "i-" + std::to_string(++made_);
        i.launched = i.state_since = now();
        i.launch_template = a.launch_template;
        if (const auto* of = find_template(options.mix, a.launch_template)) i.weight = of->weight;
        i.state = a.to;
        i.zone = a.zone;
        i.version =
            memory.refresh && running(*memory.refresh) ? memory.refresh->version : facts.version;
        i.generation = memory.refresh ? memory.refresh->number : 0;
        i.waiting_for = cannot_start;
        if (cannot_start.empty()) i.started = now();
        facts.instances.push_back(i);
      }
      return;
    }
    if (a.kind == Action::Kind::choose) facts.choosing = true;
    InstanceFacts* i = find(a.instance);
    if (!i) return;
    switch (a.kind) {
      case Action::Kind::enter_service:
        i->in_service_since = now();
        [[fallthrough]];
      case Action::Kind::resume:
        i->state = Lifecycle::in_service;
        i->state_since = now();
        break;
      case Action::Kind::drain:
        i->state = Lifecycle::terminating;
        i->cause = a.cause;
        i->state_since = now();
        break;
      case Action::Kind::stop:
        i->stopping_since = now();
        if (i->cause == Cause::scale_in) cut_by_scale_in += i->in_flight;
        break;
      case Action::Kind::kill:
        i->exited = true;
        break;
      case Action::Kind::forget:
        std::erase_if(facts.instances, [&](const auto& x) { return x.id == a.instance; });
        break;
      case Action::Kind::move:
        if (pooled(i->state) && !pooled(a.to)) i->from_pool = true;
        i->state = a.to;
        i->state_since = now();
        i->hooks.clear();
        for (const LifecycleHook& hook : options.lifecycle_hooks) {
          const bool launching = hook.transition == Transition::launching;
          const auto wait = launching ? Lifecycle::pending_wait : Lifecycle::terminating_wait;
          if (a.to == wait) i->hooks.push_back({hook.name, now(), now()});
        }
        break;
      case Action::Kind::launch:
      case Action::Kind::choose:
        break;
    }
  }

 public:
  std::string pinned;                // this instance holds a stream that does not end
  std::uint32_t extra_waiting = 0;   // requests in line that nobody serves
  std::string cannot_start;          // why new instances are not spawned
  std::uint32_t broken_version = 0;  // of the launch template, that never gets healthy

 private:
  std::unique_ptr<ManualClock> clock_ = std::make_unique<ManualClock>();
  Random random_;
  Time begin_ = clock_->now();
  Time next_ = clock_->now();
  double gap_ = 1;
  std::uint32_t made_ = 0;
  std::deque<Request> line_;
  std::vector<Request> running_;
};

// `n` instances in service and idle, past warm-up and stabilisation; nothing recorded yet.
inline TestWorld serving(std::uint32_t n) {
  TestWorld w;
  w.options.min = n;
  w.options.max = std::max(n, 10u);
  w.run(120s);
  w.options.min = 0;
  w.options.idle_timeout = 24h;
  w.actions.clear();
  w.activities.clear();
  return w;
}

}  // namespace weir::scale
