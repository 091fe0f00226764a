// Hpa: the rule of Kubernetes' horizontal pod autoscaler, v2 and its default behaviour, for a
// metric that its users choose (kubernetes.io, Horizontal Pod Autoscaling: Algorithm details).
#pragma once

#include <cstdint>
#include <deque>

#include "simulate/world.h"

namespace weir::simulate {

class Hpa {
 public:
  // `ratio`: metric over target, a mean over the instances that serve.
  std::uint32_t decide(double ratio, const View& view);

 private:
  struct Wish {
    double at;
    std::uint32_t instances;
  };
  std::deque<Wish> wishes_;  // of the stabilisation window
};

// It looks each 15 s; metrics are means over a minute.
inline bool hpa_looks(const View& view) { return view.step % (15 / kStepSeconds) == 0; }

}  // namespace weir::simulate
