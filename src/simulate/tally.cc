#include "simulate/tally.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {
namespace {

constexpr std::size_t kStretches = 300;  // about so many make a readable plot

float short_seconds(Duration d) { return static_cast<float>(seconds(d)); }

double at_share(const std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]);
}

}  // namespace

Percentiles percentiles(std::vector<float> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  return {sum / static_cast<double>(values.size()),
          at_share(values, 0.5),
          at_share(values, 0.9),
          at_share(values, 0.95),
          at_share(values, 0.99),
          static_cast<double>(values.back())};
}

void Tally::arrived(Duration at) {
  if (!stretches_) return;
  const auto second = static_cast<std::size_t>(at / 1s);
  if (second >= arrivals_.size()) arrivals_.resize(second + 1);
  ++arrivals_[second];
}

void Tally::answered(Duration at, Duration wait, Duration first_byte, Duration total) {
  arrived(at);
  if (stretches_) totals_.emplace_back(short_seconds(at), short_seconds(total));
  if (!judged(at)) return;
  answers_.push_back(
      {short_seconds(at), short_seconds(wait), short_seconds(first_byte), short_seconds(total)});
  if (!goal_) return;
  const Duration time = goal_->of == LatencyGoal::Of::total        ? total
                        : goal_->of == LatencyGoal::Of::first_byte ? first_byte
                                                                   : wait;
  within_ += time <= goal_->bound;
}

void Tally::refused(Duration at, Refusal why) {
  arrived(at);
  if (!judged(at)) return;
  ++(why == Refusal::full ? full_ : why == Refusal::timed_out ? timed_out_ : cut_);
}

void Tally::look(Duration at, const Look& look) {
  if (!stretches_) return;
  const auto second = static_cast<std::size_t>(at / 1s);
  looks_.resize(second + 1, looks_.empty() ? look : looks_.back());
  looks_.back() = look;
}

void Tally::report(Report& report) const {
  report.full = full_;
  report.timed_out = timed_out_;
  report.cut = cut_;
  report.answered = answers_.size();
  report.requests = report.answered + full_ + timed_out_ + cut_;
  const auto of = [&](float Answer::* part) {
    std::vector<float> values;
    values.reserve(answers_.size());
    for (const Answer& answer : answers_) values.push_back(answer.*part);
    return percentiles(std::move(values));
  };
  report.wait = of(&Answer::wait);
  report.first_byte = of(&Answer::first_byte);
  report.total = of(&Answer::total);
  report.goal = goal_;
  if (goal_) {
    const auto all = static_cast<double>(report.requests);
    report.attainment = all > 0 ? static_cast<double>(within_) / all : 1;
    report.met = report.attainment * 100 >= goal_->percentile;
  }
  report.stretches = stretches();
}

std::vector<Stretch> Tally::stretches() const {
  if (looks_.empty()) return {};
  const std::size_t length = std::max<std::size_t>(1, looks_.size() / kStretches);
  const auto width = static_cast<double>(length);
  std::vector<Stretch> all((looks_.size() + length - 1) / length);
  std::vector<std::vector<float>> totals(all.size());
  for (const auto& [arrived, total] : totals_) {
    const auto i = static_cast<std::size_t>(arrived) / length;
    if (i < totals.size()) totals[i].push_back(total);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    Stretch& one = all[i];
    one.at = static_cast<double>(i) * width;
    const std::size_t end = std::min((i + 1) * length, looks_.size());
    const auto count = static_cast<double>(end - i * length);
    for (std::size_t s = i * length; s < end; ++s) {
      if (s < arrivals_.size()) one.arrivals += arrivals_[s] / count;
      one.desired += looks_[s].desired / count;
      one.present += looks_[s].present / count;
      one.serving += looks_[s].serving / count;
      one.waiting += looks_[s].waiting / count;
      one.in_flight += looks_[s].in_flight / count;
    }
    const Percentiles total = percentiles(std::move(totals[i]));
    one.p50 = total.p50;
    one.p95 = total.p95;
  }
  return all;
}

}  // namespace weir::simulate
