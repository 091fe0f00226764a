// Harmonic regression: a mean and waves of a day (four) and of a week (two), 13 coefficients, by
// recursive least squares that forgets over two weeks (Ljung, System Identification, 11.2). What
// the waves leave over is carried on as an autoregression of first order.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "forecast/method.h"

namespace weir::forecast {
namespace {

constexpr std::size_t kDayWaves = 4, kWeekWaves = 2;
constexpr std::size_t kSize = 1 + 2 * (kDayWaves + kWeekWaves);
constexpr double kForgetDays = 14;

using Vector = std::array<double, kSize>;

class Harmonic final : public Method {
 public:
  explicit Harmonic(std::uint32_t day) : day_(day), keep_(1 - 1 / (kForgetDays * day)) {
    // Before it has seen more, each wave is 0 as surely as a quarter of a day of values says.
    for (std::size_t i = 0; i < kSize; ++i) spread_[i][i] = i == 0 ? 1e6 : 4.0 / day;
  }

  void update(const History& history) override {
    if (history.size() == 0) return;
    const std::uint64_t step = steps_++;
    if (history.gap()) {
      left_ *= carry_;
      return;
    }
    const double value = history.ago(0);
    const Vector wave = waves(step);
    learn(wave, value);
    const double left = value - at(wave);
    both_ = keep_ * both_ + left * left_;
    square_ = keep_ * square_ + left_ * left_;
    carry_ = square_ > 0 ? std::clamp(both_ / square_, 0.0, 1.0) : 0;
    left_ = left;
  }

  std::optional<double> forecast(const History&, std::uint32_t lead) const override {
    if (steps_ < day_) return std::nullopt;
    return std::max(at(waves(steps_ - 1 + lead)) + left_ * std::pow(carry_, lead), 0.0);
  }

 private:
  Vector waves(std::uint64_t step) const {
    const std::uint64_t week = 7 * std::uint64_t{day_};
    const double turn = 2 * std::numbers::pi * static_cast<double>(step % week);
    Vector wave{1};
    for (std::size_t k = 1, i = 1; k <= kDayWaves + kWeekWaves; ++k) {
      const double angle =
          k <= kDayWaves ? turn * static_cast<double>(k) / day_
                         : turn * static_cast<double>(k - kDayWaves) / static_cast<double>(week);
      wave[i++] = std::cos(angle);
      wave[i++] = std::sin(angle);
    }
    return wave;
  }

  double at(const Vector& wave) const {
    double sum = 0;
    for (std::size_t i = 0; i < kSize; ++i) sum += weight_[i] * wave[i];
    return sum;
  }

  void learn(const Vector& wave, double value) {
    Vector towards{};  // spread x wave
    for (std::size_t i = 0; i < kSize; ++i) {
      for (std::size_t j = 0; j < kSize; ++j) towards[i] += spread_[i][j] * wave[j];
    }
    double known = keep_;
    for (std::size_t i = 0; i < kSize; ++i) known += wave[i] * towards[i];
    const double error = value - at(wave);
    for (std::size_t i = 0; i < kSize; ++i) {
      weight_[i] += towards[i] * error / known;
      for (std::size_t j = 0; j <= i; ++j) {
        spread_[i][j] = spread_[j][i] = (spread_[i][j] - towards[i] * towards[j] / known) / keep_;
      }
    }
  }

  const std::uint32_t day_;
  const double keep_;  // the forgetting factor
  Vector weight_{};
  std::array<Vector, kSize> spread_{};  // covariance of the weights, in units of the noise
  double left_ = 0;                     // of the last value, not explained by the waves
  double both_ = 0, square_ = 0, carry_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<Method> harmonic(std::uint32_t day) { return std::make_unique<Harmonic>(day); }

}  // namespace weir::forecast
