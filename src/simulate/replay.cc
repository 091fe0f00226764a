#include "simulate/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "admit/line.h"
#include "base/hash.h"
#include "base/units.h"
#include "simulate/autoscaler.h"
#include "simulate/fleet.h"
#include "simulate/tally.h"

namespace weir::simulate {
namespace {

using Kind = Event::Kind;

// A Monday at midnight, for traces that do not say when they were.
constexpr WallTime kSomeMonday{std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)};
// However soon the autoscaler wants to be asked again: the world moves on meanwhile.
constexpr Duration kSoonest = 10ms;

// Of mean 1; the same for each replay of a trace, so that they can be compared.
double factor_of(double variation, std::uint64_t seed, std::size_t request) {
  if (variation <= 0) return 1;
  Random random(hash_mix(seed, request));
  // Log-normal, by Box and Muller 1958.
  const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
  const double normal = radius * std::cos(2 * std::numbers::pi * random.unit());
  const double variance = std::log(1 + variation * variation);
  return std::exp(std::sqrt(variance) * normal - variance / 2);
}

class Replay {
 public:
  Replay(const RequestTrace& trace, const Scenario& scenario, const ScalingGroup& scaling,
         std::unique_ptr<Autoscaler> autoscaler)
      : trace_(trace),
        scenario_(scenario),
        scaling_(scaling),
        autoscaler_(std::move(autoscaler)),
        fleet_({scaling_, scenario_.target, scenario_.model, scenario_.slots(), scenario_.room},
               calendar_, clock_.now()),
        front_(scenario_.target, true, scenario_.seed),
        tally_(scenario_.goal, scenario_.skip, scenario_.stretches),
        stays_(trace_.requests.size()) {
    if (scenario_.reference) {
      seat_ = std::make_unique<Seat>(*scenario_.reference, scenario_.reference_target, trace_,
                                     ability_of(scenario_, trace_), scenario_.model.start_time);
    }
    for (const std::string& name : trace_.classes) {
      ranks_.push_back(admit::rank_of(scenario_.target.queue, name));
    }
  }

  Report run() {
    begin();
    while (true) {
      const bool more = arrived_ < trace_.requests.size();
      const Time arrival = more ? begin_ + trace_.requests[arrived_].at : kNever;
      const Time next = std::min(arrival, calendar_.next());
      if (ended_ == trace_.requests.size() && next > begin_ + trace_.length) break;
      clock_.advance(next - now());
      if (arrival < calendar_.next()) {
        arrive(arrived_++);
      } else {
        happen(calendar_.take());
      }
      if (asked_) step();
    }
    return report();
  }

 private:
  struct Stay {
    Time taken, first;
    std::uint64_t server = 0;
  };

  Time now() const { return clock_.now(); }
  Duration elapsed() const { return now() - begin_; }
  scale::Moment moment() const { return {now(), trace_.began.value_or(kSomeMonday) + elapsed()}; }
  Time arrival(std::size_t request) const { return begin_ + trace_.requests[request].at; }

  void begin() {
    const std::uint32_t first = scaling_.desired.value_or(scaling_.min);
    fleet_.begin(std::clamp(first, scaling_.min, scaling_.max), now());
    front_.use(fleet_.endpoints());
    calendar_.add(now(), Kind::second);
  }

  // ---------------------------------------------------------------- requests

  void arrive(std::size_t i) {
    const Request& request = trace_.requests[i];
    const bool line = front_.load().waiting.load(std::memory_order_relaxed) > 0;
    const Front::Arrival arrival = front_.arrive({i, request.key, ranks_[request.kind]}, now());
    if (arrival.displaced) refuse(*arrival.displaced, Tally::Refusal::full);
    switch (arrival.answer) {
      case Front::Answer::sent:
        return send(arrival.sent);
      case Front::Answer::waits:
        calendar_.add(now() + front_.options().queue.timeout, Kind::timeout, i);
        if (!line) asked_ = true;
        return;
      case Front::Answer::full:
      case Front::Answer::tripped:
      case Front::Answer::no_endpoint:
        return refuse(i, Tally::Refusal::full);
    }
  }

  void refuse(std::size_t i, Tally::Refusal why) {
    tally_.refused(trace_.requests[i].at, why);
    ended();
  }

  void send(const Front::Sent& sent) {
    Fleet::Member& member = *fleet_.find(sent.endpoint->id.value);
    stays_[sent.request] = {now(), now(), member.number};
    member.server.accept(now(), sent.request, trace_.requests[sent.request],
                         factor_of(scenario_.model.variation, scenario_.seed, sent.request));
    note_next(member);
  }

  void call_up() {
    while (const auto sent = front_.call_up(now())) send(*sent);
  }

  void note_next(Fleet::Member& member) {
    const Time next = member.server.next();
    if (next >= member.due) return;
    member.due = next;
    calendar_.add(next, Kind::server, member.number);
  }

  void serve(Fleet::Member& member) {
    milestones_.clear();
    member.server.collect(now(), milestones_);
    const EndpointPointer endpoint = member.endpoint;
    for (const Server::Milestone& one : milestones_) {
      Stay& stay = stays_[one.request];
      if (!one.end) {
        stay.first = now();
        front_.first_byte(*endpoint, stay.taken, now());
        continue;
      }
      front_.finished(*endpoint, stay.taken, now());
      const Time came = arrival(one.request);
      tally_.answered(trace_.requests[one.request].at, stay.taken - came, stay.first - came,
                      now() - came);
      autoscaler_->answered(seconds(now() - came));
      ended();
    }
    member.due = kNever;
    note_next(member);
    // Whoever drains and has nothing left may go at once.
    asked_ = asked_ || (endpoint->load->draining && endpoint->load->in_flight == 0);
    call_up();
  }

  void ended() {
    ++ended_;
    last_ended_ = now();
  }

  // ---------------------------------------------------------------- events

  void happen(const Event& event) {
    switch (event.kind) {
      case Kind::second:
        return second();
      case Kind::look:
        if (event.at == look_) asked_ = true;
        return;
      case Kind::server: {
        Fleet::Member* member = fleet_.find(event.subject);
        if (member && member->due == event.at) serve(*member);
        return;
      }
      case Kind::started:
        asked_ = fleet_.started(event.subject, now()) || asked_;
        return;
      case Kind::ended:
        return instance_ended(event.subject);
      case Kind::timeout:
        if (front_.give_up(event.subject)) refuse(event.subject, Tally::Refusal::timed_out);
        return;
    }
  }

  void instance_ended(std::uint64_t number) {
    if (!fleet_.ended(number)) return;
    asked_ = true;
    Fleet::Member& member = *fleet_.find(number);
    member.due = kNever;
    for (const std::size_t request : member.server.evict()) {
      front_.finished(*member.endpoint, stays_[request].taken, now());
      refuse(request, Tally::Refusal::cut);
    }
    call_up();
  }

  void second() {
    if (!before_skip_ && elapsed() >= scenario_.skip) before_skip_ = fleet_.instance_seconds(now());
    if (fleet_.retry(now())) front_.use(fleet_.endpoints());
    autoscaler_->second(moment());
    if (seat_ && elapsed() / 1s % static_cast<std::int64_t>(kStepSeconds) == 0) ask_reference();
    next_second_ = now() + 1s;
    calendar_.add(next_second_, Kind::second);
    step();
    const GroupLoad& load = front_.load();
    tally_.look(elapsed(),
                {desired_, fleet_.present(), fleet_.serving(), load.waiting, load.in_flight});
  }

  // ---------------------------------------------------------------- scaling

  void ask_reference() {
    Seat::Figures figures;
    figures.arrivals = arrived_;
    figures.slot_seconds = front_.slot_seconds(now());
    figures.waiting = front_.load().waiting;
    figures.ready = fleet_.serving();
    figures.total = desired_;
    if (const auto wanted = seat_->look(figures)) {
      autoscaler_->set(*wanted, std::string(scenario_.reference->name), scenario_.group, moment(),
                       activities_);
    }
  }

  scale::GroupFacts facts() const {
    scale::GroupFacts facts;
    facts.name = scenario_.group;
    fleet_.fill(facts);
    const GroupLoad& load = front_.load();
    facts.waiting = load.waiting;
    facts.in_flight = load.in_flight;
    facts.arrivals = load.arrivals;
    if (load.last_arrival > 0) facts.last_arrival = Time(Duration(load.last_arrival));
    const TargetGroup& target = front_.options();
    if (target.max_in_flight > 0) facts.slots = target.max_in_flight;
    facts.deregistration_delay = target.deregistration_delay;
    return facts;
  }

  void step() {
    asked_ = false;
    const scale::Step step = autoscaler_->step(facts(), moment());
    changes_ += begun_ && step.desired != desired_;
    begun_ = true;
    desired_ = step.desired;
    activities_.insert(activities_.end(), step.activities.begin(), step.activities.end());
    bool other_set = false;
    for (const scale::Action& action : step.actions) {
      other_set = fleet_.execute(action, now()) || other_set;
    }
    if (other_set) front_.use(fleet_.endpoints());
    if (!step.actions.empty()) {
      peak_ = std::max(peak_, fleet_.present());
      call_up();
    }
    look_ = kNever;
    if (step.next < next_second_) {
      look_ = std::max(step.next, now() + kSoonest);
      calendar_.add(look_, Kind::look);
    }
  }

  // ---------------------------------------------------------------- the end

  Report report() {
    const Time end = std::max(last_ended_, begin_ + trace_.length);
    Report report;
    report.name = scenario_.name;
    report.group = scenario_.group;
    tally_.report(report);
    report.hours = std::max(0.0, seconds(end - begin_ - scenario_.skip)) / 3600;
    report.instance_hours = (fleet_.instance_seconds(end) - before_skip_.value_or(0)) / 3600;
    if (scenario_.model.price_per_hour > 0) {
      report.cost = report.instance_hours * scenario_.model.price_per_hour;
    }
    report.peak = std::max(peak_, fleet_.present());
    report.changes = changes_;
    report.launched = fleet_.launched();
    if (scenario_.model.prefix_cache > 0 && fleet_.input_tokens() > 0) {
      report.cached =
          static_cast<double>(fleet_.cached_tokens()) / static_cast<double>(fleet_.input_tokens());
    }
    report.activities = std::move(activities_);
    for (const auto& [kind, count] : fleet_.not_simulated()) {
      report.notes.push_back(fmt::format("not simulated: {} ({} times)", kind, count));
    }
    return report;
  }

  const RequestTrace& trace_;
  const Scenario& scenario_;
  const ScalingGroup& scaling_;
  std::unique_ptr<Autoscaler> autoscaler_;
  ManualClock clock_;
  const Time begin_ = clock_.now();
  Calendar calendar_;
  Fleet fleet_;
  Front front_;
  Tally tally_;
  std::unique_ptr<Seat> seat_;
  std::vector<std::uint32_t> ranks_;  // by RequestTrace::classes
  std::vector<Stay> stays_;           // by request
  std::vector<Server::Milestone> milestones_;
  std::vector<scale::Activity> activities_;
  std::size_t arrived_ = 0, ended_ = 0;
  Time last_ended_ = begin_;
  Time next_second_ = begin_;
  Time look_ = kNever;
  bool asked_ = false;
  bool begun_ = false;
  std::uint32_t desired_ = 0;
  std::uint32_t peak_ = 0;
  std::uint64_t changes_ = 0;
  std::optional<double> before_skip_;
};

void note_assumptions(const RequestTrace& trace, const Scenario& scenario, Report& report) {
  const auto note = [&](std::string text) { report.notes.push_back(std::move(text)); };
  if (!scenario.modelled) {
    note(
        fmt::format("the configuration does not say how instances of {} are: they start in {} and "
                    "take {} a request (simulation.groups.{})",
                    scenario.group, to_string(scenario.model.start_time),
                    to_string(scenario.model.service_time), scenario.group));
  }
  const bool tokens = std::ranges::any_of(
      trace.requests, [](const Request& r) { return r.input_tokens > 0 || r.output_tokens > 0; });
  if (tokens && scenario.model.tokens_per_second <= 0) {
    note("the trace counts tokens, and the model has no tokens_per_second: they are not looked at");
  }
  if (scenario.slots() == 0) {
    note("a server works on all that comes to it: neither slots nor max_in_flight is given");
  }
  if (scenario.scaling.target_groups.size() > 1) {
    note(fmt::format("the requests of its target groups are played as those of {}",
                     scenario.scaling.target_groups.front()));
  }
  if (scenario.scaling.mix) {
    note(fmt::format("{} has a mix: a unit of it is played as an instance", scenario.group));
  }
  if (scenario.scaling.termination_command) {
    note("the termination command is not run: termination_policies decide who goes");
  }
  if (trace.of_others > 0) {
    note(fmt::format("{} requests of the trace are of other target groups", trace.of_others));
  }
}

}  // namespace

Result<Report> replay(const RequestTrace& trace, const Scenario& scenario) {
  ScalingGroup scaling = scenario.scaling;
  if (scenario.reference) {
    scaling.policies.clear();
    scaling.min = std::max(scaling.min, 1u);  // none of them goes to zero
    scaling.max = std::max(scaling.max, scaling.min);
  }
  scaling.mix.reset();                  // a unit is an instance here
  scaling.termination_command.reset();  // nobody answers
  TRY(auto autoscaler, Autoscaler::make(scaling));
  Report report = Replay(trace, scenario, scaling, std::move(autoscaler)).run();
  note_assumptions(trace, scenario, report);
  return report;
}

}  // namespace weir::simulate
