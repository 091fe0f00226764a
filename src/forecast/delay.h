// Delay: keeps what was put in for so many steps: the forecast that comes due.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::forecast {

template <class T>
class Delay {
 public:
  explicit Delay(std::uint32_t steps) : ring_(steps) {}

  // What was put in `steps` puts ago; T{} until there is that.
  const T& due() const { return ring_[next_]; }
  // In its place.
  void put(T value) {
    ring_[next_] = std::move(value);
    next_ = (next_ + 1) % ring_.size();
  }

 private:
  std::vector<T> ring_;
  std::size_t next_ = 0;
};

}  // namespace weir::forecast
