// KEDA: an HPA on an external metric, requests in flight and in line, that is polled each 30 s and
// is what it is at that moment (keda.sh, Scaling Deployments: pollingInterval). AverageValue: the
// total is shared by all instances, those that start included.
#include "simulate/hpa.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

constexpr std::size_t kPoll = 30 / kStepSeconds;

class Keda final : public Scaler {
 public:
  explicit Keda(double target) : per_instance_(kSlots * target) {}

  std::optional<std::uint32_t> decide(const View& view) override {
    if (view.step % kPoll == 0) polled_ = view.concurrency();
    if (!hpa_looks(view)) return std::nullopt;
    View all = view;
    all.ready = view.total;
    return hpa_.decide(polled_ / (per_instance_ * view.total), all);
  }

 private:
  const double per_instance_;
  double polled_ = 0;
  Hpa hpa_;
};

}  // namespace

std::unique_ptr<Scaler> keda(const Setting& setting) {
  return std::make_unique<Keda>(setting.target);
}

}  // namespace weir::simulate
