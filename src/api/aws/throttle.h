// Throttle: how often an access key may call a service: a token bucket for each pair. Pure: the
// time is an argument.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/rate.h"

namespace weir::amazon {

// Lives on one thread.
class Throttle {
 public:
  // A token for one call; false: there is none left. A bucket that was not seen yet is full.
  bool take(std::string_view who, std::string_view service, const Rate& rate, std::uint32_t burst,
            Time now);
  std::size_t buckets() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    Time at{};
  };
  void forget_full(const Rate& rate, std::uint32_t burst, Time now);

  std::map<std::pair<std::string, std::string>, Bucket> buckets_;
};

}  // namespace weir::amazon
