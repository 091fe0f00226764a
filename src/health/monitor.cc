#include "health/monitor.h"

#include <pthread.h>

#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "health/metrics.h"

namespace weir::health {
namespace {

constexpr std::size_t kAtOnce = 256;
constexpr Duration kSlow = 100ms;         // a check this long waits for its endpoint, not for us
constexpr Duration kLookEvery = 250ms;    // ejections end by time
constexpr Duration kShortageEvery = 10s;  // between two lines of the log

}  // namespace

Monitor::Ward::Ward(observe::Sheet& sheet, const std::string& name, Time now)
    : fitness(now),
      outliers(now),
      passed(sheet.counter(metrics::checks_total, {name, "passed"})),
      failed(sheet.counter(metrics::checks_total, {name, "failed"})),
      unknown(sheet.counter(metrics::checks_total, {name, "unknown"})),
      turned_healthy(sheet.counter(metrics::turns_total, {name, "healthy"})),
      turned_unhealthy(sheet.counter(metrics::turns_total, {name, "unhealthy"})),
      panics(sheet.counter(metrics::panics_total, {name})),
      failing(sheet.counter(metrics::ejections_total, {name, "success_rate"})),
      slow(sheet.counter(metrics::ejections_total, {name, "latency"})),
      seconds(sheet.histogram(metrics::check_seconds, {name})) {}

Monitor::Monitor(const Clock& clock, observe::Registry& registry, std::uint64_t seed, Hooks hooks)
    : sheet_(registry.sheet()),
      random_(seed),
      hooks_(std::move(hooks)),
      reactor_(clock),
      gate_(reactor_, kAtOnce, kSlow) {
  for (const std::string_view name : checker_names()) {
    checkers_.emplace(name, make_checker(name, reactor_));
  }
}

void Monitor::start() {
  thread_ = std::thread([this] { run(); });
}

void Monitor::stop() {
  if (!thread_.joinable()) return;
  reactor_.stop();
  thread_.join();
}

void Monitor::update(std::shared_ptr<const Snapshot> snapshot) {
  reactor_.post([this, next = std::move(snapshot)] { take(*next); });
}

void Monitor::run() {
  ::pthread_setname_np(::pthread_self(), "weir-health");
  scope_.spawn(look_regularly());
  reactor_.run();
  stopping_.raise();
  for (auto& [id, watched] : watched_) watched->gone.raise();
  while (scope_.running() > 0) reactor_.turn(reactor_.now() + 10ms);
  watched_.clear();
  wards_.clear();
  reactor_.turn(reactor_.now());  // buries the last connections
}

// ---------------------------------------------------------------- versions

void Monitor::take(const Snapshot& snapshot) {
  if (stopping_.raised()) return;
  ++version_;
  for (const auto& group : snapshot.groups) {
    if (group) take_group(group);
  }
  drop_gone();
}

void Monitor::take_group(const std::shared_ptr<const Group>& group) {
  std::shared_ptr<Ward>& ward = wards_[group->id];
  if (!ward) ward = std::make_shared<Ward>(sheet_, group->name, reactor_.now());
  const auto before = std::exchange(ward->group, group);
  ward->version = version_;
  const HealthCheck& options = group->options.health_check;
  const bool changed = before && !(before->options.health_check == options);
  for (const auto& endpoint : group->endpoints) {
    if (!options.enabled) {
      admit_unchecked(*ward, *endpoint);
      continue;
    }
    std::shared_ptr<Watched>& watched = watched_[endpoint->id];
    const bool fresh = !watched;
    if (fresh) watched = std::make_shared<Watched>(reactor_, ward, endpoint);
    watched->ward = ward;
    watched->endpoint = endpoint;
    watched->version = version_;
    if (fresh) {
      scope_.spawn(rounds(watched));
    } else if (changed) {
      watched->nudge.set();
    }
  }
  look_soon(*ward);
}

void Monitor::admit_unchecked(Ward& ward, const Endpoint& endpoint) {
  Load& load = *endpoint.load;
  const bool known = load.in_service_since.load(std::memory_order_relaxed) != 0;
  const Health before = known ? load.health.load(std::memory_order_relaxed) : Health::starting;
  if (before == Health::healthy) return;
  const Time now = reactor_.clock().now();
  const Answer answer(Answer::Result::passed, "not checked");
  load.in_service_since.store(ns(now), std::memory_order_relaxed);
  load.health.store(Health::healthy, std::memory_order_relaxed);
  remember(endpoint.id, answer, now, 0ns);
  turned(ward, endpoint, before, Health::healthy, answer.reason);
}

void Monitor::drop_gone() {
  std::erase_if(watched_, [this](const auto& entry) {
    if (entry.second->version == version_) return false;
    entry.second->gone.raise();
    return true;
  });
  std::erase_if(wards_, [this](const auto& entry) { return entry.second->version != version_; });
  std::unordered_set<EndpointId> alive;
  for (const auto& [id, ward] : wards_) {
    for (const auto& endpoint : ward->group->endpoints) alive.insert(endpoint->id);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(last_, [&](const auto& entry) { return !alive.contains(entry.first); });
}

// ---------------------------------------------------------------- rounds

namespace {

// An http check speaks the version that the endpoints of the group are spoken to.
std::string_view checker_for(const TargetGroup& group) {
  const std::string_view protocol = check_protocol(group);
  if (protocol != "http" || group.protocol_version == "HTTP1") return protocol;
  return group.protocol_version == "GRPC" ? "grpc" : "http2";
}

}  // namespace

Task<> Monitor::rounds(std::shared_ptr<Watched> watched) {
  Gate::Pass pass(gate_);
  const net::Deadline gone(kNever, &watched->gone);
  while (true) {
    const net::Io entered = co_await pass.enter(gone);
    if (entered != net::Io::ok || watched->gone.raised()) co_return;
    // What this round goes by, whatever the next snapshot brings meanwhile.
    const auto group = watched->ward->group;
    const auto endpoint = watched->endpoint;
    const HealthCheck& options = group->options.health_check;
    Checker& checker = *checkers_.find(checker_for(group->options))->second;
    const Time began = reactor_.clock().now();
    const net::Deadline deadline(began + options.timeout, &watched->gone);
    const Answer answer = co_await checker.check(*endpoint, options, deadline);
    pass.leave();
    if (watched->gone.raised()) co_return;
    const Time now = reactor_.clock().now();
    note(*watched, options, answer, now, now - began);
    const Health health = endpoint->load->health.load(std::memory_order_relaxed);
    const Time next =
        watched->pace.next(health, options, !endpoint->instance.empty(), began, now, random_);
    const net::Deadline pause(next, &watched->gone);
    co_await watched->nudge.wait(pause);
  }
}

void Monitor::note(Watched& watched, const HealthCheck& options, const Answer& answer, Time now,
                   Duration took) {
  Ward& ward = *watched.ward;
  const Endpoint& endpoint = *watched.endpoint;
  ward.seconds.add(took);
  remember(endpoint.id, answer, now, took);
  if (answer.result == Answer::Result::unknown) {
    ward.unknown.add();
    if (now - shortage_logged_ < kShortageEvery) return;
    shortage_logged_ = now;
    LOG(error, "endpoints cannot be checked", {"group", ward.group->name},
        {"reason", answer.reason});
    return;
  }
  (answer.passed() ? ward.passed : ward.failed).add();
  const Health before = endpoint.load->health.load(std::memory_order_relaxed);
  const bool launched = !endpoint.instance.empty();
  switch (
      judge::on_check(*endpoint.load, watched.streak, options, answer.passed(), now, launched)) {
    case judge::Turn::none:
      return;
    case judge::Turn::healthy:
      return turned(ward, endpoint, before, Health::healthy, answer.reason);
    case judge::Turn::unhealthy:
      return turned(ward, endpoint, before, Health::unhealthy, answer.reason);
  }
}

void Monitor::turned(Ward& ward, const Endpoint& endpoint, Health before, Health now,
                     const std::string& reason) {
  if (now == Health::healthy) {
    ward.turned_healthy.add();
    ward.relieved = true;
    LOG(info, "endpoint healthy", {"group", ward.group->name}, {"endpoint", endpoint.address},
        {"reason", reason});
  } else {
    ward.turned_unhealthy.add();
    LOG(warn, "endpoint unhealthy", {"group", ward.group->name}, {"endpoint", endpoint.address},
        {"reason", reason});
  }
  if (hooks_.turned) hooks_.turned(ward.group, endpoint, before, now, reason);
  look_soon(ward);
}

void Monitor::remember(EndpointId endpoint, const Answer& answer, Time now, Duration took) {
  const std::lock_guard lock(mutex_);
  last_.insert_or_assign(endpoint, LastCheck{answer.result, answer.reason, now, took});
}

std::map<EndpointId, LastCheck> Monitor::last() const {
  const std::lock_guard lock(mutex_);
  return {last_.begin(), last_.end()};
}

std::optional<LastCheck> Monitor::last(EndpointId endpoint) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(endpoint);
  if (found == last_.end()) return std::nullopt;
  return found->second;
}

// ---------------------------------------------------------------- fitness of groups

Task<> Monitor::look_regularly() {
  while (true) {
    const net::Deadline next(reactor_.now() + kLookEvery, &stopping_);
    const net::Io woken = co_await net::sleep(reactor_, next);
    if (woken == net::Io::cancelled) co_return;
    for (const auto& [id, ward] : wards_) {
      take_outliers(*ward);
      look(*ward);
    }
  }
}

// Once at the end of this turn, however many of its endpoints turned.
void Monitor::look_soon(Ward& ward) {
  ward.look_again = true;
  if (std::exchange(look_planned_, true)) return;
  reactor_.defer([this] {
    look_planned_ = false;
    for (const auto& [id, each] : wards_) {
      if (each->look_again) look(*each);
    }
  });
}

void Monitor::take_outliers(Ward& ward) {
  for (const auto& taken : ward.outliers.look(*ward.group, reactor_.clock().now())) {
    (taken.why == Ejected::latency ? ward.slow : ward.failing).add();
    LOG(warn, "endpoint ejected", {"group", ward.group->name},
        {"endpoint", taken.endpoint->address}, {"reason", judge::phrase_of(taken.why)},
        {"for", weir::to_string(taken.ejection.length)});
  }
}

void Monitor::look(Ward& ward) {
  ward.look_again = false;
  const FitnessWatch::Seen seen = ward.fitness.look(*ward.group, reactor_.clock().now());
  if (seen.panic_began) {
    ward.panics.add();
    LOG(warn, "too few endpoints are fit: health is ignored", {"group", ward.group->name},
        {"fit", seen.healthy}, {"of", seen.total});
  }
  if (seen.panic_ended) {
    LOG(info, "enough endpoints are fit again", {"group", ward.group->name}, {"fit", seen.healthy},
        {"of", seen.total});
  }
  const bool relieved = std::exchange(ward.relieved, false) || seen.relief;
  if (relieved && hooks_.relieved) hooks_.relieved(ward.group);
}

}  // namespace weir::health
