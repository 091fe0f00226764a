// Connections: how many a worker has open to an endpoint, busy and idle, told to the group's count.
#pragma once

#include <cstdint>
#include <memory>

#include "http/pool.h"
#include "model/load.h"

namespace weir::proxy {

// Lives on one worker, beside the pool it watches. Whatever changes the pool is followed by
// settle(); as long as one goes into use and another back, nobody else learns of it.
class Connections {
 public:
  Connections() = default;
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  ~Connections() { tell(0); }

  void belong_to(const std::shared_ptr<GroupLoad>& group) {
    if (!group_) group_ = group;
  }
  void settle(const http::Pool& pool) { tell(busy_ + static_cast<std::uint32_t>(pool.size())); }

  // One that is being opened or in use, for as long as it lives.
  class Busy {
   public:
    Busy(Connections& all, const http::Pool& pool) : all_(all), pool_(pool) {
      ++all_.busy_;
      all_.settle(pool_);
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy() {
      --all_.busy_;
      all_.settle(pool_);
    }

   private:
    Connections& all_;
    const http::Pool& pool_;
  };

 private:
  void tell(std::uint32_t open) {
    if (open == told_ || !group_) return;
    group_->connections.fetch_add(open - told_, std::memory_order_relaxed);  // wraps: a difference
    told_ = open;
  }

  std::shared_ptr<GroupLoad> group_;
  std::uint32_t busy_ = 0;
  std::uint32_t told_ = 0;
};

}  // namespace weir::proxy
