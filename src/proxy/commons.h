// Commons: state that all workers share by name, kept as long as one of them uses it: learned
// limits of endpoints, token buckets.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "admit/token_buckets.h"
#include "base/ids.h"
#include "proxy/limiter.h"

namespace weir::proxy {

// Any thread. Asked when a worker meets an endpoint or a listener's version for the first time, not
// by requests.
class Commons {
 public:
  explicit Commons(std::uint64_t seed) : seed_(seed) {}

  std::shared_ptr<Limiter> limiter(EndpointId endpoint) {
    return find(limiters_, endpoint, [] { return std::make_shared<Limiter>(); });
  }
  // `name` says whose they are and all of their options.
  std::shared_ptr<admit::TokenBuckets> buckets(const std::string& name, const RateLimit& options) {
    return find(buckets_, name, [&] { return std::make_shared<admit::TokenBuckets>(options); });
  }
  // Of hashes that clients can influence.
  std::uint64_t seed() const { return seed_; }

 private:
  template <class K, class T, class Make>
  std::shared_ptr<T> find(std::map<K, std::weak_ptr<T>>& known, const K& key, Make make) {
    const std::lock_guard lock(mutex_);
    auto& place = known[key];
    std::shared_ptr<T> shared = place.lock();
    if (shared) return shared;
    place = shared = make();
    std::erase_if(known, [](const auto& row) { return row.second.expired(); });
    return shared;
  }

  std::uint64_t seed_;
  std::mutex mutex_;
  std::map<EndpointId, std::weak_ptr<Limiter>> limiters_;
  std::map<std::string, std::weak_ptr<admit::TokenBuckets>> buckets_;
};

}  // namespace weir::proxy
