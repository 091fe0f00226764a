// bench_scale: one trace through one policy of src/scale or one reference (src/simulate), a row of
// JSON for each target that it is tried with.
//
//   bench_scale NAME HISTORY_MINUTES START_SECONDS POLICY [--abandon] < rates, one a minute
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "simulate/production.h"
#include "simulate/reference.h"
#include "simulate/world.h"

namespace {

using namespace weir;
using namespace weir::simulate;

constexpr double kMeanRate = 200;           // requests per second, in what is run
constexpr std::size_t kLeadIn = 3 * 1440;   // minutes
constexpr std::size_t kLeastUnscored = 15;  // where there is no history
constexpr std::uint64_t kSeed = 7;
constexpr double kTargets[] = {0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95};

struct Job {
  Trace trace;
  std::vector<double> arrivals;
  WorldOptions world;
  std::string policy;
};

// What references are quoted at, too (scale.py).
double violations_limit(double start_seconds) { return start_seconds <= 60 ? 0.003 : 0.005; }

void print(const Job& job, bool reference, bool clairvoyant, double target, const Score& score) {
  fmt::print(R"({{"trace": "{}", "start_seconds": {:g}, "policy": "{}", "reference": {}, )"
             R"("clairvoyant": {}, "abandon": {}, "target": {:g}, "violations": {:.6f}, )"
             R"("cost_ratio": {:.4f}, "actions": {}, "excess": {:.2f}}})"
             "\n",
             job.trace.name, job.world.start_seconds, job.policy, reference, clairvoyant,
             job.world.abandon, target, score.violations, score.cost_ratio, score.actions,
             score.excess);
}

void run_reference(const Job& job, const Reference& reference) {
  for (const double target : kTargets) {
    WorldOptions world = job.world;
    if (reference.has_target) world.first_utilisation = target;
    const auto scaler =
        reference.make({target, world.start_seconds, job.trace, job.arrivals, world.unscored});
    const Score score = run(job.trace, job.arrivals, world, *scaler);
    print(job, true, reference.clairvoyant, reference.has_target ? target : 0, score);
    if (!reference.has_target) return;
  }
}

Result<void> run_production(const Job& job) {
  weir::Policy options;
  const bool forecast = job.policy == "slo_with_profile";
  if (job.policy == "target_tracking") {
    options.target_tracking.emplace();
    options.target_tracking->metric = "in_flight_per_endpoint";
    options.target_tracking->target = 0.8 * kSlots;
  } else {
    options.slo.emplace();
    options.slo->bound = from_seconds(kServiceSeconds + kDelayBound);
    options.slo->start_time = from_seconds(job.world.start_seconds);
    options.slo->percentile = 100 * (1 - violations_limit(job.world.start_seconds));
  }
  TRY(auto policy, scale::make_policy(options));
  Profile profile(job.trace);
  Production scaler(std::move(policy), forecast ? &profile : nullptr);
  print(job, false, false, 0, run(job.trace, job.arrivals, job.world, scaler));
  return {};
}

Result<void> run_job(const Job& job) {
  for (const Reference& reference : references()) {
    if (reference.name != job.policy) continue;
    run_reference(job, reference);
    return {};
  }
  return run_production(job);
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  if (arguments.size() < 4) {
    fmt::print(stderr, "bench_scale NAME HISTORY_MINUTES START_SECONDS POLICY [--abandon]\n");
    return 2;
  }
  const std::string rates{std::istreambuf_iterator<char>(std::cin), {}};
  auto trace = parse_trace(arguments[0], rates, std::strtoul(arguments[1].c_str(), nullptr, 10));
  if (!trace) {
    fmt::print(stderr, "{}\n", trace.error().message);
    return 1;
  }
  scale_to_mean(*trace, kMeanRate);
  // The end of the history is run, too, without a score: a group that has been there for days.
  const std::size_t lead_in = std::min(trace->begin, kLeadIn);
  trace->begin -= lead_in;
  Random random(kSeed);
  std::vector<double> requests = arrivals(*trace, random);
  Job job{std::move(*trace), std::move(requests), {}, arguments[3]};
  job.world.start_seconds = std::strtod(arguments[2].c_str(), nullptr);
  job.world.unscored = std::max(lead_in, kLeastUnscored);
  job.world.abandon = arguments.back() == "--abandon";
  if (const auto done = run_job(job); !done) {
    fmt::print(stderr, "{}\n", done.error().message);
    return 1;
  }
  return 0;
}
