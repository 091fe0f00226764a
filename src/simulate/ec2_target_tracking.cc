// EC2 target tracking, as it comes.
#include "simulate/ec2.h"
#include "simulate/reference.h"

namespace weir::simulate {
namespace {

class Ec2TargetTracking final : public Scaler {
 public:
  explicit Ec2TargetTracking(const Setting& setting)
      : ec2_(setting.target, setting.start_seconds) {}

  std::optional<std::uint32_t> decide(const View& view) override {
    const auto wanted = ec2_.decide(view);
    if (wanted && *wanted > view.total) ec2_.grew(view.at);
    return wanted;
  }

 private:
  Ec2 ec2_;
};

}  // namespace

std::unique_ptr<Scaler> ec2_target_tracking(const Setting& setting) {
  return std::make_unique<Ec2TargetTracking>(setting);
}

}  // namespace weir::simulate
