// Troubles: how often instances of a template were interrupted or failed to start of late. What
// price_capacity_optimized takes for a lack of capacity. Pure; lives on one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir::scale {

class Troubles {
 public:
  static constexpr Duration kRemembered = 1h;
  static constexpr std::size_t kMost = 1000;

  void add(const std::string& launch_template, Time now) {
    seen_.push_back({now, launch_template});
    if (seen_.size() > kMost) seen_.pop_front();
  }
  std::uint32_t count(std::string_view launch_template, Time now) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(seen_, [&](const One& one) {
      return one.at > now - kRemembered && one.launch_template == launch_template;
    }));
  }

 private:
  struct One {
    Time at;
    std::string launch_template;
  };
  std::deque<One> seen_;
};

}  // namespace weir::scale
