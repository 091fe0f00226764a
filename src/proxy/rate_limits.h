// RateLimits: the request budgets of one version of a listener and of its rules.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/request_view.h"
#include "model/snapshot.h"
#include "observe/metrics.h"
#include "proxy/commons.h"
#include "route/table.h"

namespace weir::proxy {

// Lives on one worker; the buckets are shared by all.
class RateLimits {
 public:
  // Null where nothing is limited: then requests pay nothing.
  static std::unique_ptr<RateLimits> make(const BoundListener& listener, const route::Table& table,
                                          Commons& commons, observe::Sheet& sheet);

  // What a refused request is told (IETF draft-ietf-httpapi-ratelimit-headers).
  struct Refusal {
    std::string retry_after;
    std::string policy;
    std::string limit;
  };
  // Takes a token of each limit that holds for a request of this rule (route::Table::match). Null:
  // it may go.
  std::unique_ptr<Refusal> refuse(int rule, const RequestView& request, Time now);

 private:
  struct Limit {
    std::string name;    // of its rule
    std::string header;  // empty: the client's address, or one for all
    bool by_source = false;
    std::shared_ptr<admit::TokenBuckets> buckets;
    observe::Counter* refused = nullptr;
  };
  using Limits = std::vector<Limit>;

  std::unique_ptr<Refusal> take(const Limits& limits, const RequestView& request, Time now) const;
  std::uint64_t key_of(const Limit& limit, const RequestView& request) const;

  Limits all_;                 // of every request
  std::vector<Limits> rules_;  // by place in the order of priority
  std::uint64_t seed_ = 0;
};

}  // namespace weir::proxy
