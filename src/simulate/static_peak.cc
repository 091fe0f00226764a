// Static: as many instances as the busiest minute needs, from the begin to the end.
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

class StaticPeak final : public Scaler {
 public:
  explicit StaticPeak(std::uint32_t count) : count_(count) {}
  std::optional<std::uint32_t> decide(const View&) override { return count_; }

 private:
  std::uint32_t count_;
};

}  // namespace

std::unique_ptr<Scaler> static_peak(const Setting& setting) {
  return std::make_unique<StaticPeak>(
      needed(peak(setting.arrivals, setting.unscored * kStepsPerMinute)));
}

}  // namespace weir::simulate
