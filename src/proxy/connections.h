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
  ~Connections() {
    busy_ = kept_ = shared_ = 0;
    tell();
  }

  void belong_to(const std::shared_ptr<GroupLoad>& group) {
    if (!group_) group_ = group;
  }
  void settle(const http::Pool& pool) {
    kept_ = static_cast<std::uint32_t>(pool.size());
    tell();
  }
  // Those of HTTP/2.
  void share(std::size_t open) {
    shared_ = static_cast<std::uint32_t>(open);
    tell();
  }

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
  void tell() {
    const std::uint32_t open = busy_ + kept_ + shared_;
    if (open == told_ || !group_) return;
    group_->connections.fetch_add(open - told_, std::memory_order_relaxed);  // wraps: a difference
    told_ = open;
  }

  std::shared_ptr<GroupLoad> group_;
  std::uint32_t busy_ = 0;
  std::uint32_t kept_ = 0;
  std::uint32_t shared_ = 0;
  std::uint32_t told_ = 0;
};

}  // namespace weir::proxy
