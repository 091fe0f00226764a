#include "simulate/world.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {
namespace {

constexpr std::size_t kSteadySteps = 60 * kStepsPerMinute;

class World {
 public:
  World(std::uint32_t first, const WorldOptions& options) : options_(options), ready_(first) {}

  View advance(std::size_t step, double arrivals) {
    View view;
    view.step = step;
    view.at = static_cast<double>(step) * kStep;
    while (!starting_.empty() && starting_.front().ready_at <= view.at) {
      ready_ += starting_.front().count;
      starting_.pop_front();
    }
    const double capacity = ready_ * kInstanceRate * kStep;
    view.arrivals = arrivals;
    view.delay = queue_ / (ready_ * kInstanceRate);
    view.served = std::min(queue_ + arrivals, capacity);
    queue_ += arrivals - view.served;
    if (options_.abandon) queue_ = std::min(queue_, ready_ * kInstanceRate * kPatience);
    view.queue = queue_;
    view.ready = ready_;
    view.total = total();
    view.starting = &starting_;
    return view;
  }

  bool change(double at, std::uint32_t wanted) {
    const std::uint32_t now = total();
    if (wanted == now) return false;
    if (wanted > now) {
      starting_.push_back({at + options_.start_seconds, wanted - now});
      return true;
    }
    std::uint32_t surplus = now - wanted;
    while (surplus > 0 && !starting_.empty()) {
      const std::uint32_t gone = std::min(surplus, starting_.back().count);
      starting_.back().count -= gone;
      surplus -= gone;
      if (starting_.back().count == 0) starting_.pop_back();
    }
    ready_ = std::max(1u, ready_ - surplus);
    return true;
  }

 private:
  std::uint32_t total() const {
    std::uint32_t sum = ready_;
    for (const Batch& batch : starting_) sum += batch.count;
    return sum;
  }

  const WorldOptions options_;
  std::uint32_t ready_;
  std::deque<Batch> starting_;
  double queue_ = 0;
};

// The most that any minute of the last hour needed.
class Need {
 public:
  double add(double arrivals) {
    sum_ += arrivals;
    recent_.push_back(arrivals);
    if (recent_.size() > kStepsPerMinute) sum_ -= recent_.front(), recent_.pop_front();
    minutes_.push_back(sum_ / (static_cast<double>(recent_.size()) * kStep));
    if (minutes_.size() > kSteadySteps) minutes_.pop_front();
    return needed(*std::max_element(minutes_.begin(), minutes_.end()));
  }

 private:
  double sum_ = 0;
  std::deque<double> recent_, minutes_;
};

double minute_rate(const std::vector<double>& arrivals, std::size_t first) {
  double sum = 0;
  std::size_t k = first;
  for (; k < std::min(first + kStepsPerMinute, arrivals.size()); ++k) sum += arrivals[k];
  return sum / (static_cast<double>(k - first) * kStep);
}

}  // namespace

double View::utilisation() const { return served / (ready * kInstanceRate * kStep); }
double View::concurrency() const { return served / kStep * kServiceSeconds + queue; }

Score run(const Trace& trace, const std::vector<double>& arrivals, const WorldOptions& options,
          Scaler& scaler) {
  const double first =
      std::ceil(trace.rates[trace.begin] / (kInstanceRate * options.first_utilisation));
  World world(static_cast<std::uint32_t>(std::max(1.0, first)), options);
  Need need;
  Score score;
  double all = 0, late = 0;
  const std::size_t scored_from = options.unscored * kStepsPerMinute;
  for (std::size_t step = 0; step < arrivals.size(); ++step) {
    const View view = world.advance(step, arrivals[step]);
    const double recent_need = need.add(view.arrivals);
    const auto wanted = scaler.decide(view);
    const bool changed = wanted && world.change(view.at, std::max(*wanted, 1u));
    if (step < scored_from) continue;
    all += view.arrivals;
    if (view.delay > kDelayBound) late += view.arrivals;
    score.instance_hours += view.total * kStep / 3600;
    score.excess = std::max(score.excess, view.total / recent_need);
    score.actions += changed;
  }
  score.violations = all > 0 ? late / all : 0;
  score.cost_ratio = score.instance_hours / lower_bound_hours(arrivals, scored_from);
  return score;
}

std::uint32_t needed(double rate) {
  return static_cast<std::uint32_t>(std::max(1.0, std::ceil(rate / kInstanceRate)));
}

double lower_bound_hours(const std::vector<double>& arrivals, std::size_t first_step) {
  double hours = 0;
  for (std::size_t k = first_step; k < arrivals.size(); k += kStepsPerMinute) {
    hours += needed(minute_rate(arrivals, k)) / 60.0;
  }
  return hours;
}

double peak(const std::vector<double>& arrivals, std::size_t first_step) {
  double most = 0;
  for (std::size_t k = first_step; k < arrivals.size(); k += kStepsPerMinute) {
    most = std::max(most, minute_rate(arrivals, k));
  }
  return most;
}

}  // namespace weir::simulate
