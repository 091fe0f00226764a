#include "api/aws/throttle.h"

#include <algorithm>

namespace weir::amazon {
namespace {

constexpr std::size_t kMost = 4096;  // buckets, before those that are full are forgotten

double regained(const Rate& rate, Duration time) {
  return rate.count * (seconds(time) / seconds(rate.per));
}

}  // namespace

bool Throttle::take(std::string_view who, std::string_view service, const Rate& rate,
                    std::uint32_t burst, Time now) {
  if (buckets_.size() >= kMost) forget_full(rate, burst, now);
  const double most = burst;
  auto [it, fresh] = buckets_.try_emplace({std::string(who), std::string(service)});
  Bucket& bucket = it->second;
  bucket.tokens = fresh ? most : std::min(most, bucket.tokens + regained(rate, now - bucket.at));
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void Throttle::forget_full(const Rate& rate, std::uint32_t burst, Time now) {
  std::erase_if(buckets_, [&](const auto& row) {
    return row.second.tokens + regained(rate, now - row.second.at) >= burst;
  });
}

}  // namespace weir::amazon
