#include "health/outlier_watch.h"

#include "judge/hung.h"
#include "judge/panic.h"
#include "judge/slowness.h"
#include "judge/success_rate.h"

namespace weir::health {

std::vector<OutlierWatch::Taken> OutlierWatch::look(const Group& group, Time now) {
  learn(group, now);
  const Outlier& options = group.options.outlier;
  std::vector<Taken> taken;
  if (now - began_ < options.interval) return taken;
  began_ = now;

  // Differences of counters that wrap around; nothing is known of an endpoint's first interval.
  std::vector<judge::Answered> answered;
  std::vector<judge::Pace> paces;
  std::unordered_map<EndpointId, Counts> counts;
  for (const auto& endpoint : group.endpoints) {
    const Load& load = *endpoint->load;
    const Counts at{load.answers.load(std::memory_order_relaxed),
                    load.errors.load(std::memory_order_relaxed)};
    counts.emplace(endpoint->id, at);
    const auto known = before_.find(endpoint->id);
    judge::Answered one;
    // Who is out already has been judged; its last answers say nothing of the others.
    const bool in =
        judge::fitness_of(load, group.options.health_check.enabled, now) == judge::Fit::yes;
    if (known != before_.end() && in) {
      one = {at.answers - known->second.answers, at.errors - known->second.errors};
    }
    answered.push_back(one);
    paces.push_back({one.answers, load.first_byte.load(std::memory_order_relaxed),
                     load.latency.load(std::memory_order_relaxed)});
  }
  before_ = std::move(counts);
  if (!options.enabled) return taken;

  const auto take = [&](const std::vector<std::size_t>& outliers, Ejected why) {
    for (const std::size_t i : outliers) {
      const auto& endpoint = group.endpoints[i];
      const auto done = judge::eject(*endpoint->load, options, why, now, group.endpoints);
      if (!done) continue;
      // It is judged anew by what it does once it is back.
      endpoint->load->first_byte.store(0, std::memory_order_relaxed);
      taken.push_back(Taken{endpoint, why, done});
    }
  };
  take(judge::success_rate_outliers(options.success_rate, answered), Ejected::success_rate);
  take(judge::slow_outliers(options.latency, paces), Ejected::latency);
  return taken;
}

void OutlierWatch::learn(const Group& group, Time now) {
  GroupLoad& load = *group.load;
  const double before = load.slowest.load(std::memory_order_relaxed);
  const double after = judge::faded(before, now - looked_);
  looked_ = now;
  // A slower one that comes just now stays.
  double expected = before;
  load.slowest.compare_exchange_strong(expected, after, std::memory_order_relaxed);
  std::uint64_t answers = 0;
  for (const auto& endpoint : group.endpoints) {
    answers += endpoint->load->answers.load(std::memory_order_relaxed);
  }
  const Duration after_which = judge::hung_after(group.options.outlier, after, answers);
  load.hung_after.store(after_which.count(), std::memory_order_relaxed);
}

}  // namespace weir::health
