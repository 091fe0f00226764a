// HPA on utilisation of the instances that serve, as their CPU would show it.
#include "simulate/hpa.h"
#include "simulate/recent.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

class HpaUtilisation final : public Scaler {
 public:
  explicit HpaUtilisation(double target) : target_(target) {}

  std::optional<std::uint32_t> decide(const View& view) override {
    window_.add(view.utilisation());
    if (!hpa_looks(view)) return std::nullopt;
    return hpa_.decide(window_.mean() / target_, view);
  }

 private:
  const double target_;
  Recent window_{kStepsPerMinute};
  Hpa hpa_;
};

}  // namespace

std::unique_ptr<Scaler> hpa_utilisation(const Setting& setting) {
  return std::make_unique<HpaUtilisation>(setting.target);
}

}  // namespace weir::simulate
