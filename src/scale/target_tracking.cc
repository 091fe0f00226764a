// Target tracking: keeps a metric per endpoint near its target, as EC2 does: proportional and
// rounded up on the way out; gradual, and only when it is safe, on the way in.
//
// Everything is turned into load: what the metric would be with one endpoint. `load / target` is
// then the number of endpoints needed, and instances that still start or warm up count as
// capacity, so that a slow start is not answered twice.
//
// Out. A rise is looked at over 1, 3, 10 and 30 s, and counts where it stands out of chance. N
// requests per second or in flight vary by about sqrt(N) (Poisson), so over w seconds the bar is
// N + 4 sqrt(N/w), at least the tolerance: four, as it is asked 86,400 times a day. What is in
// flight now mostly was a second ago, so there w counts for less, by how long requests take.
// Capacity grows until the rise no longer stands out, and once it is seen over 30 s, or so large
// that the tolerance is the higher bar, in full proportion. So a large step is answered within a
// second, and noise is not. Two things are no noise, however small: what every second shows for
// eight times as long as a request takes (4 to 30 s), and a line that has stood for kStanding
// though all capacity serves, which says that the slots are used up; it adds one instance. So a
// small step of short requests is answered within five seconds, and within one where it makes
// requests wait. CPU and memory are not counts but bursty in a second: 10 and 30 s. A percentile is
// read over the shortest of 10, 30, 60 and 300 s that holds requests beyond it.
//
// In. Where the mean of the last four scale_in_cooldowns is out of the tolerance, to the smallest
// capacity at which the rule above would not have scaled out at any second of them (HPA's
// stabilisation: the highest recommendation of a window, 240 s by default), and half of that
// surplus at a time, rounded down, at least one. Hence no flapping: what is given back was not
// needed for that long, and a scale-in cannot by itself cause a scale-out.
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "model/metric_name.h"
#include "scale/policy.h"
#include "scale/stretches.h"

namespace weir::scale {
namespace {

constexpr double kSigmas = 4;
constexpr std::uint32_t kLasting = 4;    // seconds of which each has to show a rise, at least,
constexpr double kLastingStays = 8;      // and so many times as long as a request is in flight
constexpr std::uint32_t kStayLook = 60;  // seconds
constexpr double kStabilisation = 4;     // in scale_in_cooldowns
constexpr Duration kStale = 5s;
constexpr std::uint32_t kLongestStabilisation = 600;  // seconds; leaves room for the longest look

struct Source {
  std::string_view name;
  Metric metric;
  double percentile = 0;     // of latency; 0: not a latency
  bool counts = false;       // requests, which vary by chance
  bool per_endpoint = true;  // static endpoints share the load; else instances alone
  std::span<const std::uint32_t> looks;
  bool sparse = false;  // told every so often, not each second
};

constexpr std::uint32_t kCountLooks[] = {1, 3, 10, 30};
constexpr std::uint32_t kGaugeLooks[] = {10, 30};
constexpr std::uint32_t kLatencyLooks[] = {10, 30, 60, 300};

constexpr std::uint32_t kCustomLooks[] = {90};
constexpr Duration kSparseStale = 90s;

constexpr Source kSources[] = {
    {"in_flight_per_endpoint", Metric::in_flight, 0, true, true, kCountLooks},
    {"requests_per_second_per_endpoint", Metric::requests, 0, true, true, kCountLooks},
    {"latency_p50", Metric::endpoints, 0.50, false, true, kLatencyLooks},
    {"latency_p90", Metric::endpoints, 0.90, false, true, kLatencyLooks},
    {"latency_p95", Metric::endpoints, 0.95, false, true, kLatencyLooks},
    {"latency_p99", Metric::endpoints, 0.99, false, true, kLatencyLooks},
    {"cpu_percent", Metric::cpu_percent, 0, false, false, kGaugeLooks},
    {"memory_percent", Metric::memory_percent, 0, false, false, kGaugeLooks},
    {"gpu_percent", Metric::gpu_percent, 0, false, false, kGaugeLooks},
    {"gpu_memory_percent", Metric::gpu_memory_percent, 0, false, false, kGaugeLooks},
};

struct Look {
  std::uint32_t seconds;
  std::uint32_t known;  // of them: had data
  double load;
  double independent;    // samples that it is as sure as
  bool lasting = false;  // the least of these seconds, not their mean: no chance in it
};

// What is looked at: the metric's seconds, and those that turn it into load.
struct Past {
  const Series& series;
  Time now;
  Stretches main;
  Stretches beside;  // who waits, or the instances
  std::optional<Time> last;
  double stay = 0;  // seconds that a request is in flight (Little 1961); 0: not asked for

  Past(const Series& all, const Source& source, Time end, std::uint32_t length)
      : series(all),
        now(end),
        main(all, source.metric, end, length),
        beside(all, source.metric == Metric::in_flight ? Metric::waiting : Metric::instances, end,
               length),
        last(all.last(source.metric)) {
    if (source.metric != Metric::in_flight) return;
    const double came = all.window(Metric::requests, end, kStayLook).mean;
    if (came > 0) stay = all.window(Metric::in_flight, end, kStayLook).mean / came;
  }

  // So many independent ones would vary as much as a mean over these seconds does. What is in
  // flight now mostly was a second ago: the variance of the mean of an M/M/inf queue's length.
  double independent(std::uint32_t seconds) const {
    if (stay <= 0) return seconds;
    const double part = stay / seconds;
    const double share = 2 * part * (1 - part * (1 - std::exp(-1 / part)));
    return std::min<double>(seconds, 1 / share);
  }
  // How long what stands has to stand so as to be no chance: each second is another sample only
  // where requests are that short.
  std::uint32_t lasting(std::uint32_t most) const {
    const double stays = std::ceil(kLastingStays * stay);
    return static_cast<std::uint32_t>(std::clamp<double>(stays, kLasting, most));
  }

  Time at(std::uint32_t ago) const { return now - std::chrono::seconds(ago); }
};

class TargetTracking final : public Policy {
 public:
  TargetTracking(const weir::TargetTracking& options, Source source)
      : options_(options), source_(source) {
    source_.name = options_.metric;
  }

  std::string_view kind() const override { return "target_tracking"; }

  Decision decide(const GroupFacts& facts, const Series& series, Time now) const override {
    if (!source_.sparse || facts.desired == 0) return judge(facts, series, now);
    const auto metric = series.named(source_.name);
    if (!metric) return {std::nullopt, fmt::format("there was no data on {}", source_.name), true};
    Source found = source_;
    found.metric = *metric;
    return TargetTracking(options_, found).judge(facts, series, now);
  }

 private:
  Decision judge(const GroupFacts& facts, const Series& series, Time now) const {
    const double others = source_.per_endpoint ? facts.other_endpoints : 0;
    if (facts.desired == 0 && facts.waiting > 0) {
      return wake(facts, source_.metric == Metric::in_flight ? endpoints_for(facts.waiting) : 1);
    }
    if (facts.desired == 0 && others == 0) return {0, "nothing was waiting", true};

    const std::vector<Look> looks = look(Past(series, source_, now, source_.looks.back()), 0);
    if (looks.empty()) {
      return {std::nullopt, fmt::format("there was no data on {}", source_.name), true};
    }
    if (auto out = scale_out(facts, series, looks, others, now)) return *out;
    if (auto out = serve_the_line(facts, others, now)) return *out;
    return scale_in(facts, series, looks, others, now);
  }

  std::optional<Decision> scale_out(const GroupFacts& facts, const Series& series,
                                    const std::vector<Look>& looks, double others, Time now) const {
    std::uint32_t wanted = facts.desired;
    const Look* why = nullptr;
    for (const Look& l : looks) {
      // A rise that is over already is not answered: every shorter look must be above target too.
      if (l.load <= options_.target * (facts.desired + others)) break;
      if (enough(l, others) <= facts.desired) continue;
      auto more = chance(l) < tolerated(l) ? enough(l, others) : endpoints_for(l.load, others);
      // Latency is not proportional to load: at most twice what serves now, then look again.
      if (source_.percentile > 0) more = std::min(more, 2 * std::max(facts.warm, 1u));
      if (more > wanted) wanted = more, why = &l;
    }
    if (!why) return std::nullopt;
    return Decision{wanted, seen(*why, series, now), true};
  }

  // One more than now, where a line stands and what is there does not suffice for it.
  std::optional<Decision> serve_the_line(const GroupFacts& facts, double others, Time now) const {
    if (source_.metric != Metric::in_flight || facts.waiting == 0 || !facts.waiting_since)
      return {};
    if (now - *facts.waiting_since < kStanding) return {};
    // Where something starts still, a line behind it is no news; the looks judge it.
    const auto serving =
        std::count_if(facts.instances.begin(), facts.instances.end(),
                      [](const auto& i) { return i.state == Lifecycle::in_service && !i.exited; });
    if (serving < static_cast<std::ptrdiff_t>(facts.desired)) return {};
    const double load = facts.in_flight + facts.waiting;
    if (endpoints_for(load / (1 + options_.tolerance), others) <= facts.desired) return {};
    return Decision{
        facts.desired + 1,
        fmt::format("{} {} waiting behind {} in flight for {:.1f} s against a target "
                    "of {:g} per endpoint",
                    facts.waiting, facts.waiting == 1 ? "request was" : "requests were",
                    facts.in_flight, seconds(now - *facts.waiting_since), options_.target),
        true, true};
  }

  Decision scale_in(const GroupFacts& facts, const Series& series, const std::vector<Look>& looks,
                    double others, Time now) const {
    const std::uint32_t floor = others > 0 ? 0 : 1;  // to zero is the idle timeout's decision
    const std::string now_seen = seen(looks.back(), series, now);
    const Decision stay{facts.desired, now_seen, true};
    const double capacity = options_.target * (facts.desired + others);
    if (facts.desired <= floor || looks.back().load >= capacity * (1 - options_.tolerance)) {
      return stay;
    }
    if (!options_.scale_in) return {std::nullopt, now_seen + " (scale_in is off)", false};
    if (now - facts.last_change < options_.scale_in_cooldown) {
      return {facts.desired, now_seen + ", in cooldown", true};
    }

    // What a line was served with is kept as long as what the looks asked for.
    if (facts.last_line && now - *facts.last_line < std::chrono::seconds(stabilisation())) {
      return {facts.desired, now_seen + ", kept for the line that stood", true};
    }
    const auto past = throughout(facts, series, floor, others, now);
    if (!past) {
      return {std::nullopt, fmt::format("there was too little data on {}", source_.name), true};
    }
    // A moment's lull is no surplus: the mean has to be out of the tolerance, too.
    if (past->mean >= capacity * (1 - options_.tolerance)) return stay;
    const std::uint32_t needed = std::max(past->needed, endpoints_for(past->mean, others));
    if (needed >= facts.desired) return stay;
    const std::uint32_t surplus = facts.desired - needed;
    return {facts.desired - std::max(surplus / 2, 1u), now_seen, true};
  }

  std::uint32_t stabilisation() const {
    return static_cast<std::uint32_t>(std::clamp(
        kStabilisation * seconds(options_.scale_in_cooldown), 3.0, double{kLongestStabilisation}));
  }

  // Of the stabilisation window: the smallest capacity that would not have grown at any second of
  // it, and the mean load. Nothing when too much of it is unknown.
  struct Throughout {
    std::uint32_t needed;
    double mean;
  };
  std::optional<Throughout> throughout(const GroupFacts& facts, const Series& series,
                                       std::uint32_t floor, double others, Time now) const {
    const std::uint32_t window = stabilisation();
    const Past past(series, source_, now, window + source_.looks.back());
    const auto known = past.main.mean(0, window);
    const std::uint32_t wanted = source_.sparse ? std::max(window / 90, 1u) : (window * 8 + 9) / 10;
    if (known.seconds < wanted) return std::nullopt;

    std::uint32_t needed = std::min(floor, facts.desired);
    const std::uint32_t stride = source_.percentile > 0 ? 10 : 1;
    for (std::uint32_t ago = 0; ago < window && needed < facts.desired; ago += stride) {
      for (const Look& l : look(past, ago)) {
        if (source_.counts && l.seconds > window) break;
        needed = std::max(needed, enough(l, others));
      }
    }
    const auto mean = load(past, 0, window);
    if (!mean) return std::nullopt;
    return Throughout{needed, *mean};
  }

  // As of so many seconds ago. Nothing where there is no data; from the shortest look to the
  // longest.
  std::vector<Look> look(const Past& past, std::uint32_t ago) const {
    std::vector<Look> looks;
    if (!past.last || *past.last + (source_.sparse ? kSparseStale : kStale) < past.at(ago)) {
      return looks;
    }
    const std::uint32_t stand = past.lasting(source_.looks.back());
    bool stood = !source_.counts;
    for (const std::uint32_t w : source_.looks) {
      if (!stood && stand <= w) {
        stood = true;
        if (const auto least = lasting(past, ago, stand)) {
          looks.push_back({stand, stand, *least, static_cast<double>(stand), true});
        }
      }
      const auto known = past.main.mean(ago, w);
      if (known.seconds * 2 < w && w != source_.looks.back()) continue;
      const auto l = load(past, ago, w);
      if (!l) continue;
      looks.push_back({w, known.seconds, *l, past.independent(known.seconds)});
      if (source_.percentile > 0) break;
    }
    return looks;
  }

  // The load in the least of the last seconds; nothing where one of them is unknown.
  std::optional<double> lasting(const Past& past, std::uint32_t ago, std::uint32_t stand) const {
    std::optional<double> least;
    for (std::uint32_t more = 0; more < stand; ++more) {
      const auto one = load(past, ago + more, 1);
      if (!one) return std::nullopt;
      least = std::min(least.value_or(*one), *one);
    }
    return least;
  }

  // Of what is told every so often: the newest of the last seconds, and the instances of its
  // second.
  struct Newest {
    double value = 0;
    double instances = 0;
  };
  std::optional<Newest> newest(const Series& series, Time end, std::uint32_t w) const {
    for (std::uint32_t ago = 0; ago < w; ++ago) {
      const Time second = end - std::chrono::seconds(ago);
      const auto value = series.at(source_.metric, second);
      const auto instances = value ? series.at(Metric::instances, second) : std::nullopt;
      if (instances) return Newest{*value, *instances};
    }
    return std::nullopt;
  }

  std::optional<double> load(const Past& past, std::uint32_t ago, std::uint32_t w) const {
    if (source_.sparse) {
      const auto told = newest(past.series, past.at(ago), w);
      return told ? std::optional(told->value * told->instances) : std::nullopt;
    }
    const auto main = past.main.mean(ago, w);
    if (main.missing()) return std::nullopt;
    if (source_.metric == Metric::in_flight) return main.mean + past.beside.mean(ago, w).mean;
    if (source_.metric == Metric::requests) return main.mean;
    if (source_.percentile > 0) {
      const auto latency = past.series.latency(source_.percentile, past.at(ago), w);
      const bool enough = static_cast<double>(latency.count) * (1 - source_.percentile) >= 1;
      if (latency.count == 0 || (!enough && w < source_.looks.back())) return std::nullopt;
      return latency.seconds * main.mean;
    }
    return main.mean * past.beside.mean(ago, w).mean;
  }

  // The load at target that explains what was seen within the tolerance, or by chance.
  double tolerated(const Look& l) const { return l.load / (1 + options_.tolerance); }
  double chance(const Look& l) const {
    const bool long_enough = l.seconds == source_.looks.back() && l.known * 10 >= l.seconds * 8;
    if (!source_.counts || long_enough || l.lasting) return l.load;
    // N + a sqrt(N) = load
    const double a = kSigmas / std::sqrt(l.independent);
    const double root = (std::sqrt(a * a + 4 * l.load) - a) / 2;
    return root * root;
  }
  // The fewest instances for which this look is no reason to grow.
  std::uint32_t enough(const Look& l, double others) const {
    return endpoints_for(std::min(tolerated(l), chance(l)), others);
  }

  std::uint32_t endpoints_for(double load, double others = 0) const {
    const double needed = std::ceil(load / options_.target - others - 1e-9);
    return static_cast<std::uint32_t>(std::clamp(needed, 0.0, 1e9));
  }

  std::string seen(const Look& look, const Series& series, Time end) const {
    if (source_.sparse) {
      return fmt::format("{} was {:.3g} against a target of {:g}", source_.name,
                         newest(series, end, look.seconds).value_or(Newest()).value,
                         options_.target);
    }
    const auto shared_by = series.window(
        source_.per_endpoint ? Metric::endpoints : Metric::instances, end, look.seconds);
    return fmt::format("{} was {:.3g} over {} s against a target of {:g}", source_.name,
                       look.load / std::max(shared_by.mean, 1.0), look.seconds, options_.target);
  }

  const weir::TargetTracking options_;
  Source source_;  // its name is that of the options
};

}  // namespace

Result<std::unique_ptr<Policy>> target_tracking(const weir::Policy& options) {
  const weir::TargetTracking& o = *options.target_tracking;
  if (!(o.target > 0)) return fail(Code::invalid, "target_tracking: target must be above 0");
  if (!(o.tolerance >= 0 && o.tolerance < 1)) {
    return fail(Code::invalid, "target_tracking: tolerance must be from 0 to below 1");
  }
  for (const Source& source : kSources) {
    if (source.name == o.metric) return std::make_unique<TargetTracking>(o, source);
  }
  if (const auto name = parse_metric_name(o.metric); name) {
    const Source source{"", Metric::instances, 0, false, false, kCustomLooks, true};
    return std::make_unique<TargetTracking>(o, source);
  }
  return fail(Code::invalid, "target_tracking: unknown metric '" + o.metric + "'");
}

}  // namespace weir::scale
