// KPA: Knative's autoscaler (knative.dev/serving, pkg/autoscaler/scaling/autoscaler.go): mean
// concurrency over 60 s, and over 6 s in panic, against what the instances that serve should hold.
// Those that still start are not counted. Here it looks each 5 s, there each 2 s.
#include <algorithm>
#include <cmath>

#include "simulate/recent.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

constexpr double kMaxUp = 1000, kMaxDown = 2;
constexpr double kPanicThreshold = 2;
constexpr double kStableWindow = 60;  // seconds

class Kpa final : public Scaler {
 public:
  explicit Kpa(double target) : per_instance_(kSlots * target) {}

  std::optional<std::uint32_t> decide(const View& view) override {
    stable_.add(view.concurrency());
    const double ready = std::max(view.ready, 1u);
    const double lowest = std::floor(ready / kMaxDown), highest = std::ceil(ready * kMaxUp);
    const double over_window = std::ceil(stable_.mean() / per_instance_);
    const double at_once = std::ceil(view.concurrency() / per_instance_);
    const double stable = std::clamp(over_window, lowest, highest);

    if (at_once / ready >= kPanicThreshold) {
      if (!panicking_) most_ = 0;
      panicking_ = true;
      panic_ = view.at;
    } else if (panicking_ && view.at - panic_ > kStableWindow) {
      panicking_ = false;
    }
    if (!panicking_) return static_cast<std::uint32_t>(stable);
    most_ = std::max({most_, stable, std::clamp(at_once, lowest, highest)});
    return static_cast<std::uint32_t>(most_);
  }

 private:
  const double per_instance_;
  Recent stable_{kStepsPerMinute};
  bool panicking_ = false;
  double panic_ = 0;  // when it last began, or went on
  double most_ = 0;   // wanted since it began: in panic nothing is taken away
};

}  // namespace

std::unique_ptr<Scaler> kpa(const Setting& setting) {
  return std::make_unique<Kpa>(setting.target);
}

}  // namespace weir::simulate
