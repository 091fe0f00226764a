// OutlierWatch: compares the endpoints of one group with each other, interval by interval, takes
// outliers out, and keeps what is known of slow first bytes true.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "judge/ejection.h"
#include "model/snapshot.h"

namespace weir::health {

// Lives on one thread.
class OutlierWatch {
 public:
  explicit OutlierWatch(Time now) : looked_(now), began_(now) {}

  struct Taken {
    std::shared_ptr<const Endpoint> endpoint;
    Ejected why;
    judge::Ejection ejection;
  };
  // Who was taken out by this look; mostly nobody. To be called a few times a second.
  std::vector<Taken> look(const Group& group, Time now);

 private:
  struct Counts {
    std::uint32_t answers = 0;
    std::uint32_t errors = 0;
  };
  void learn(const Group& group, Time now);

  Time looked_;
  Time began_;  // of the interval
  std::unordered_map<EndpointId, Counts> before_;
};

}  // namespace weir::health
