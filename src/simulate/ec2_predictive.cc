// EC2 target tracking with predictive scaling: an hourly forecast (the mean of the same hour on up
// to fourteen days before) is a floor, held from five minutes and a start time ahead. The model
// behind Amazon's forecast is not public; this one stands for it.
#include <algorithm>
#include <cmath>

#include "simulate/ec2.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

constexpr std::size_t kDay = 24, kDays = 14;  // hours, days
constexpr double kAhead = 300;                // seconds

class Ec2Predictive final : public Scaler {
 public:
  explicit Ec2Predictive(const Setting& setting)
      : setting_(setting), ec2_(setting.target, setting.start_seconds) {
    hours_.resize(setting.trace.end() / 60);
    for (std::size_t m = 0; m < hours_.size() * 60; ++m) {
      hours_[m / 60] += setting.trace.rates[m] / 60;
    }
  }

  std::optional<std::uint32_t> decide(const View& view) override {
    auto wanted = ec2_.decide(view);
    if (view.step % kStepsPerMinute == 0) floor_ = forecast(view.at);
    if (wanted || view.step % kStepsPerMinute == 0) {
      wanted = std::max(wanted.value_or(view.total), floor_);
    }
    if (wanted && *wanted > view.total) ec2_.grew(view.at);
    return wanted;
  }

 private:
  std::uint32_t forecast(double at) const {
    const double then =
        static_cast<double>(setting_.trace.begin) * 60 + at + kAhead + setting_.start_seconds;
    const auto hour = static_cast<std::size_t>(then / 3600);
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t day = 1; day <= kDays && kDay * day <= hour; ++day, ++count) {
      sum += hours_[std::min(hour - kDay * day, hours_.size() - 1)];
    }
    if (count == 0) return 1;
    const double rate = sum / static_cast<double>(count);
    return static_cast<std::uint32_t>(std::ceil(rate / (kInstanceRate * setting_.target)));
  }

  const Setting setting_;
  Ec2 ec2_;
  std::vector<double> hours_;  // mean rates; those to come are not looked at
  std::uint32_t floor_ = 1;
};

}  // namespace

std::unique_ptr<Scaler> ec2_predictive(const Setting& setting) {
  return std::make_unique<Ec2Predictive>(setting);
}

}  // namespace weir::simulate
