// Oracle: knows what comes, and has the instances of each minute started in time. What it keeps
// idle is what would cost as much to start again. No policy, but how far all others are from it.
#include <algorithm>
#include <cmath>

#include "simulate/reference.h"

namespace weir::simulate {
namespace {

class Oracle final : public Scaler {
 public:
  explicit Oracle(const Setting& setting) {
    const auto& all = setting.arrivals;
    // Half a minute around each step: shorter rises are what a second in line allows.
    const std::size_t half = kStepsPerMinute / 4;
    const auto ahead = static_cast<std::size_t>(setting.start_seconds / kStepSeconds) + 1;
    std::vector<double> need(all.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      const std::size_t first = k < half ? 0 : k - half, last = std::min(k + half, all.size() - 1);
      double sum = 0;
      for (std::size_t i = first; i <= last; ++i) sum += all[i];
      const double rate = sum / static_cast<double>((last - first + 1) * kStepSeconds);
      need[k] = std::ceil(rate / (kInstanceRate * setting.target));
    }
    wanted_.resize(all.size());
    for (std::size_t k = 0; k < all.size(); ++k) {
      const auto end = need.begin() + static_cast<long>(std::min(k + ahead + 1, all.size()));
      wanted_[k] =
          static_cast<std::uint32_t>(*std::max_element(need.begin() + static_cast<long>(k), end));
    }
  }

  std::optional<std::uint32_t> decide(const View& view) override { return wanted_[view.step]; }

 private:
  std::vector<std::uint32_t> wanted_;
};

}  // namespace

std::unique_ptr<Scaler> oracle(const Setting& setting) { return std::make_unique<Oracle>(setting); }

}  // namespace weir::simulate
