#include "simulate/prefix_cache.h"

namespace weir::simulate {

std::size_t PrefixCache::take(std::span<const std::uint64_t> blocks) {
  if (capacity_ == 0) return 0;
  std::size_t hits = 0;
  while (hits < blocks.size() && places_.contains(blocks[hits])) ++hits;
  for (std::size_t i = blocks.size(); i-- > 0;) {
    const auto place = places_.find(blocks[i]);
    if (place != places_.end()) {
      order_.splice(order_.begin(), order_, place->second);
    } else {
      order_.push_front(blocks[i]);
      places_[blocks[i]] = order_.begin();
    }
  }
  while (order_.size() > capacity_) {
    places_.erase(order_.back());
    order_.pop_back();
  }
  return hits;
}

}  // namespace weir::simulate
