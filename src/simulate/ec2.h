// Ec2: target tracking of EC2 Auto Scaling on requests per instance: alarms over periods of a
// minute, three above the target or fifteen below nine tenths of it. The alarms' shape is what
// emulations of it have; Amazon does not document it (docs.aws.amazon.com/autoscaling, Target
// tracking scaling policies).
#pragma once

#include <cstdint>
#include <optional>

#include "simulate/recent.h"
#include "simulate/world.h"

namespace weir::simulate {

class Ec2 {
 public:
  Ec2(double target, double start_seconds)
      : per_instance_(kInstanceRate * target), start_seconds_(start_seconds) {}

  // Nothing: no alarm.
  std::optional<std::uint32_t> decide(const View& view);
  // Somebody made the group grow: no way in before those instances serve.
  void grew(double at) { warm_at_ = at + start_seconds_; }

 private:
  const double per_instance_;
  const double start_seconds_;
  double arrivals_ = 0;  // of this minute
  Recent minutes_{15};   // requests per second and instance
  double warm_at_ = -1;
};

}  // namespace weir::simulate
