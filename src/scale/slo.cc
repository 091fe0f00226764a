// Slo: keeps a percentile of latency under a bound with as few instances as it can.
//
// Out. To what the demand a start time ahead will need: the estimate, how long it is held and what
// is added to it are those that would have kept the bound at the least capacity over the last days
// (rehearsal.h); how much an endpoint can serve is learned (capacity.h). What starts counts as
// capacity, so a slow start is not answered twice. Where requests are late already, so much more
// that what stands in line when it serves is gone in half a minute: as far as what serves and what
// starts will not have done so. Never to more than 2.7 times the busiest of the last ten minutes,
// or three quarters of the mean of days where that is more: no line makes it run away.
//
// In. To the same, where it is at least a twentieth less than now and nothing has changed for five
// minutes (HPA's stabilisation); the estimate's hold, two to twenty minutes, is learned.
//
// It learns from what it is shown: the same inputs in the same order give the same answers. One
// that has learned nothing begins with a margin of 12 % for a start of a minute, 33 % for one of
// five.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "scale/capacity.h"
#include "scale/policy.h"
#include "scale/rehearsal.h"
#include "scale/start_time.h"

namespace weir::scale {
namespace {

constexpr Duration kInterval = 5s;  // from what happens to an order
constexpr Duration kCooldown = 300s;
constexpr double kLessThan = 0.05;
constexpr double kDrainSeconds = 30;
constexpr int kBusyMinutes = 10;
constexpr Duration kStale = 5s;

struct Demanded {
  double rate = 0;  // requests per second to be ready for
  std::string reason;
};

class Slo final : public Policy {
 public:
  explicit Slo(const weir::Slo& options)
      : options_(options),
        capacity_(options.bound, options.percentile / 100),
        rehearsal_(1 - options.percentile / 100) {}

  std::string_view kind() const override { return "slo"; }

  Decision decide(const GroupFacts& facts, const Series& series, Time now) const override {
    if (facts.desired == 0 && facts.waiting > 0) {
      const std::uint32_t slots = std::max(facts.slots.value_or(facts.waiting), 1u);
      return wake(facts, (facts.waiting + slots - 1) / slots);
    }
    if (facts.desired == 0 && facts.other_endpoints == 0) return {0, "nothing was waiting", true};
    const auto last = series.last(Metric::requests);
    if (!last || *last + kStale < now) return {std::nullopt, "there was no data on requests", true};

    const Duration lead = start_time(facts) + kInterval;
    capacity_.observe(series, facts.slots, now);
    rehearsal_.observe(series, {lead, capacity_.wait(), capacity_.late(), facts.outlook}, now);
    const auto ahead = rehearsal_.answer();
    const auto each = capacity_.rate();
    if (!each) return {std::nullopt, "too little was known of the demand", true};
    if (!ahead) {
      return {std::nullopt,
              fmt::format("too little was known of the demand, with {:.3g} served by each", *each),
              true};
    }

    const Demanded demand = demanded(facts, series, *ahead, *each, lead, now);
    const double needed = std::ceil(demand.rate / *each - facts.other_endpoints - 1e-9);
    const double floor =
        facts.other_endpoints > 0 ? 0 : 1;  // to zero is the idle timeout's decision
    const auto wanted = static_cast<std::uint32_t>(std::clamp(needed, floor, 1e9));
    if (wanted >= facts.desired) return {wanted, demand.reason, true};
    if (facts.desired - wanted < kLessThan * facts.desired) {
      return {facts.desired, demand.reason, true};
    }
    if (now - facts.last_change < kCooldown) {
      return {facts.desired, demand.reason + ", in cooldown", true};
    }
    return {wanted, demand.reason, true};
  }

  Learned learned() const override {
    Learned all;
    all["goal"] = {seconds(options_.bound), options_.percentile};
    if (learned_start_) all["start"] = {seconds(*learned_start_)};
    capacity_.keep(all);
    rehearsal_.keep(all);
    return all;
  }

  void restore(const Learned& all, Duration age) override {
    const auto* const goal = row(all, "goal", 2);
    if (!goal || (*goal)[0] != seconds(options_.bound) || (*goal)[1] != options_.percentile) return;
    if (const auto* const start = row(all, "start", 1))
      learned_start_ = from_seconds(start->front());
    capacity_.restore(all);
    rehearsal_.restore(all, age);
  }

 private:
  Demanded demanded(const GroupFacts& facts, const Series& series, const Rehearsal::Answer& ahead,
                    double each, Duration lead, Time now) const {
    double busiest = 0;
    for (int m = 0; m < kBusyMinutes; ++m) {
      const Time end = now - std::chrono::minutes(m);
      busiest = std::max(busiest, series.window(Metric::requests, end, 60).mean);
    }
    const double most =
        std::max(Rehearsal::kMost * busiest, Rehearsal::kUsual * rehearsal_.usual());
    const double line = capacity_.late() ? undrained(facts, series, each, lead, now) : 0;
    if (line > 0 && ahead.estimate + line / kDrainSeconds > ahead.rate) {
      return {
          std::min(ahead.estimate + line / kDrainSeconds, most),
          fmt::format("{} requests were in line, of which {:.0f} would still be there in "
                      "{:.0f} s, with {:.3g} per second coming and {:.3g} served by each",
                      facts.waiting, line, seconds(lead) + kDrainSeconds, ahead.estimate, each)};
    }
    return {
        std::min(ahead.rate, most),
        fmt::format("{:.3g} requests per second were expected within {:.0f} s ({}{} s{}, the "
                    "highest of {:.0f} s, and {:.3g} % added) with {:.3g} served by each",
                    ahead.rate, seconds(lead), ahead.outlook ? "the forecast, or " : "the last ",
                    ahead.seconds, ahead.slope > 0 ? " and their rise" : "", ahead.hold,
                    100 * ahead.margin, each)};
  }

  // Requests that will be in line once what is ordered now has served for a while, if nothing is
  // ordered; a rise of the last two minutes is taken to go on.
  static double undrained(const GroupFacts& facts, const Series& series, double each, Duration lead,
                          Time now) {
    const double rate = series.window(Metric::requests, now, 30).mean;
    const double minute = series.window(Metric::requests, now, 60).mean;
    const double before = series.window(Metric::requests, now - 60s, 60).mean;
    const double rise = std::max(0.0, minute - before) / 60;

    std::vector<double> changes;  // seconds from now at which one more serves
    for (const InstanceFacts& i : facts.instances) {
      if (!coming(i.state) || i.exited) continue;
      changes.push_back(std::max(0.0, seconds(i.launched + lead - kInterval - now)));
    }
    std::sort(changes.begin(), changes.end());
    changes.push_back(seconds(lead) + kDrainSeconds);
    double line = facts.waiting, at = 0, serving = facts.warm + facts.other_endpoints;
    for (const double change : changes) {
      const double came = rate + rise * (at + change) / 2;
      line = std::max(0.0, line + (came - serving * each) * (change - at));
      at = change;
      serving += 1;
    }
    return line;
  }

  // Until one was seen, what the options say.
  Duration start_time(const GroupFacts& facts) const {
    if (const auto seen = measured_start(facts)) learned_start_ = seen;
    return learned_start_.value_or(options_.start_time);
  }

  const weir::Slo options_;
  mutable Capacity capacity_;
  mutable Rehearsal rehearsal_;
  mutable std::optional<Duration> learned_start_;
};

}  // namespace

Result<std::unique_ptr<Policy>> slo(const weir::Policy& options) {
  const weir::Slo& o = *options.slo;
  if (o.bound <= Duration(0)) return fail(Code::invalid, "slo: bound must be above 0");
  if (!(o.percentile > 0 && o.percentile < 100)) {
    return fail(Code::invalid, "slo: percentile must be above 0 and below 100");
  }
  if (o.start_time < Duration(0)) {
    return fail(Code::invalid, "slo: start_time must not be below 0");
  }
  return std::make_unique<Slo>(o);
}

}  // namespace weir::scale
