// HPA on concurrency, those in line included.
#include "simulate/hpa.h"
#include "simulate/recent.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

class HpaConcurrency final : public Scaler {
 public:
  explicit HpaConcurrency(double target) : target_(target) {}

  std::optional<std::uint32_t> decide(const View& view) override {
    window_.add(view.concurrency());
    if (!hpa_looks(view)) return std::nullopt;
    return hpa_.decide(window_.mean() / (view.ready * kSlots * target_), view);
  }

 private:
  const double target_;
  Recent window_{kStepsPerMinute};
  Hpa hpa_;
};

}  // namespace

std::unique_ptr<Scaler> hpa_concurrency(const Setting& setting) {
  return std::make_unique<HpaConcurrency>(setting.target);
}

}  // namespace weir::simulate
