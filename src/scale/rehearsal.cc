#include "scale/rehearsal.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weir::scale {
namespace {

struct Look {
  std::uint32_t seconds;
  double slope;
};
// A slope of few seconds is chance.
constexpr Look kLooks[] = {{15, 0},  {30, 0},    {30, 0.5}, {60, 0},  {60, 0.5},  {60, 1},
                           {120, 0}, {120, 0.5}, {120, 1},  {240, 0}, {240, 0.5}, {240, 1}};
constexpr std::size_t kPlain = std::size(kLooks);  // and as many with the forecast as a floor
constexpr double kHolds[] = {120, 300, 600, 1200};
constexpr double kMargins[] = {0,    0.02, 0.04, 0.06, 0.08, 0.10, 0.125, 0.15, 0.175, 0.20,
                               0.25, 0.30, 0.36, 0.43, 0.50, 0.60, 0.70,  0.85, 1.0,   1.3};

// Another number where the ways or their margins change: a record is of these.
constexpr double kWays = 1;

constexpr double kDay = 86400;
constexpr double kMemory = 3 * kDay;       // what is older fades
constexpr double kLessThan = 0.05;         // an order falls by more than this share, or stays
constexpr double kPatience = 60;           // seconds; no line is played beyond
constexpr std::uint64_t kUncounted = 120;  // steps: a beginning is not typical
constexpr double kStay = 0.99;             // of the cost, for the way that is followed already

// Before there is evidence: this margin is expected to spend just the budget with a start of a
// minute, others more or less by powers of e; longer starts need more.
constexpr double kPriorWeight = 4 * 3600;  // seconds of evidence
constexpr double kPriorMargin = 0.12, kPriorScale = 0.06;
constexpr double kPriorLead = 65, kPriorGrowth = 0.65;

constexpr double kShare = 0.8;  // of the budget that is aimed at
constexpr double kTrust = 3;    // what the truth may multiply or divide it by
constexpr double kTruthWeight = kDay;

double step_seconds() { return seconds(Rehearsal::kStep); }

}  // namespace

Rehearsal::Rehearsal(double budget) : budget_(budget) {
  for (std::size_t look = 0; look < 2 * kPlain; ++look) {
    for (const double hold : kHolds) {
      Way& way = ways_.emplace_back();
      way.look = look;
      way.hold = hold;
    }
  }
  plays_.resize(ways_.size() * std::size(kMargins));
}

void Rehearsal::observe(const Series& series, const Moment& moment, Time now) {
  if (last_ && now - *last_ < kStep) return;
  const Window came = series.window(Metric::requests, now, 5);
  if (came.missing() || series.window(Metric::requests, now, 30).seconds < 25) return;
  last_ = now;
  play(came.mean, moment);

  const std::vector<double> rates = estimates(series, moment, now);
  const double at = seconds(now.time_since_epoch());
  for (Way& way : ways_) {
    const double rate = rates[way.look];
    while (!way.highest.empty() && way.highest.back().rate <= rate) way.highest.pop_back();
    way.highest.push_back({at, rate});
    while (way.highest.front().at < at - way.hold) way.highest.pop_front();
    const double held = way.highest.front().rate;
    if (held > way.order || held < way.order * (1 - kLessThan)) way.order = held;
    way.ordered.push_back(way.order);
  }
  ++steps_;
  choose(moment.lead);
}

std::vector<double> Rehearsal::estimates(const Series& series, const Moment& moment,
                                         Time now) const {
  const double most =
      std::max(kMost * series.window(Metric::requests, now, 60).mean, kUsual * usual());
  const auto forecast = moment.outlook ? moment.outlook->expected(moment.lead) : std::nullopt;
  std::vector<double> rates(2 * kPlain);
  for (std::size_t l = 0; l < kPlain; ++l) {
    const Look& look = kLooks[l];
    const std::chrono::seconds length(look.seconds);
    const double recent = series.window(Metric::requests, now, look.seconds).mean;
    const Window before = series.window(Metric::requests, now - length, look.seconds);
    const double rise = before.missing() ? 0 : (recent - before.mean) / look.seconds;
    const double ahead = seconds(moment.lead) + look.seconds / 2.0;
    rates[l] = std::min(recent + look.slope * std::max(rise, 0.0) * ahead, most);
    rates[kPlain + l] = std::max(rates[l], forecast.value_or(0));
  }
  return rates;
}

void Rehearsal::play(double came, const Moment& moment) {
  const double step = step_seconds();
  const double fade = std::exp(-step / kMemory);
  came_ = came_ * fade + came * step;
  late_ = late_ * fade + (moment.late ? came * step : 0);
  span_ = span_ * fade + step;
  const auto lead = static_cast<std::size_t>(std::max(1.0, std::ceil(seconds(moment.lead) / step)));
  for (std::size_t w = 0; w < ways_.size(); ++w) {
    Way& way = ways_[w];
    if (way.ordered.size() < lead) continue;
    while (way.ordered.size() > lead) way.ordered.pop_front();
    const double there = way.ordered.front();
    way.cost = way.cost * fade + there * step;
    for (std::size_t m = 0; m < std::size(kMargins); ++m) {
      Play& play = plays_[w * std::size(kMargins) + m];
      const double capacity = there * (1 + kMargins[m]);
      play.late *= fade;
      if (play.line > moment.wait * capacity && steps_ > kUncounted) play.late += came * step;
      play.line = std::clamp(play.line + (came - capacity) * step, 0.0, kPatience * capacity);
    }
  }
}

double Rehearsal::budget_now() const {
  const double goal = kShare * budget_;
  const double prior = usual() * kTruthWeight;
  const double truth = (late_ + goal * prior) / (came_ + prior);
  return goal * std::clamp(goal / truth, 1 / kTrust, kTrust);
}

void Rehearsal::choose(Duration lead) {
  if (came_ <= 0) return;
  const double budget = budget_now();
  const double stretch = std::pow(seconds(lead) / kPriorLead, kPriorGrowth);
  std::array<double, std::size(kMargins)> prior{};
  for (std::size_t m = 0; m < prior.size(); ++m) {
    prior[m] = kShare * budget_ * std::exp((kPriorMargin - kMargins[m] / stretch) / kPriorScale);
  }

  std::optional<std::size_t> best;
  double least = 0;
  for (std::size_t p = 0; p < plays_.size(); ++p) {
    const std::size_t m = p % std::size(kMargins);
    const double late = plays_[p].late / usual();
    if ((kPriorWeight * prior[m] + late) / (kPriorWeight + span_) > budget) continue;
    double cost = (ways_[p / std::size(kMargins)].cost + usual() * 600) * (1 + kMargins[m]);
    if (p == best_) cost *= kStay;
    if (!best || cost < least) best = p, least = cost;
  }
  // Where none is within the budget: the one that is beyond it by least.
  const auto fewest = std::min_element(
      plays_.begin(), plays_.end(), [](const Play& a, const Play& b) { return a.late < b.late; });
  best_ = best.value_or(static_cast<std::size_t>(fewest - plays_.begin()));
}

void Rehearsal::keep(Learned& learned) const {
  learned["ways"] = {kWays};
  learned["demand"] = {came_, late_, span_};
  learned["best"] = {static_cast<double>(best_)};
  std::vector<double>& costs = learned["costs"];
  for (const Way& way : ways_) costs.push_back(way.cost);
  std::vector<double>& late = learned["late"];
  for (const Play& play : plays_) late.push_back(play.late);
}

void Rehearsal::restore(const Learned& learned, Duration age) {
  const auto* const ways = row(learned, "ways", 1);
  const auto* const demand = row(learned, "demand", 3);
  const auto* const best = row(learned, "best", 1);
  const auto* const costs = row(learned, "costs", ways_.size());
  const auto* const late = row(learned, "late", plays_.size());
  if (!ways || !demand || !best || !costs || !late) return;
  if (ways->front() != kWays || best->front() >= static_cast<double>(plays_.size())) return;
  const double fade = std::exp(-std::max(seconds(age), 0.0) / kMemory);
  came_ = (*demand)[0] * fade;
  late_ = (*demand)[1] * fade;
  span_ = (*demand)[2] * fade;
  best_ = static_cast<std::size_t>(best->front());
  for (std::size_t w = 0; w < ways_.size(); ++w) ways_[w].cost = (*costs)[w] * fade;
  for (std::size_t p = 0; p < plays_.size(); ++p) plays_[p].late = (*late)[p] * fade;
}

std::optional<Rehearsal::Answer> Rehearsal::answer() const {
  if (steps_ == 0) return std::nullopt;
  const Way& way = ways_[best_ / std::size(kMargins)];
  const double margin = kMargins[best_ % std::size(kMargins)];
  const Look& look = kLooks[way.look % kPlain];
  return Answer{way.order * (1 + margin), way.order, margin, look.seconds, look.slope, way.hold,
                way.look >= kPlain};
}

}  // namespace weir::scale
