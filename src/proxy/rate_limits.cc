#include "proxy/rate_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "proxy/metrics.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kHeader = "header:";

std::uint64_t whole_seconds(Duration duration) {
  const auto up = std::chrono::ceil<std::chrono::seconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(up, 1));
}

}  // namespace

std::unique_ptr<RateLimits> RateLimits::make(const BoundListener& listener,
                                             const route::Table& table, Commons& commons,
                                             observe::Sheet& sheet) {
  const auto limited = [](const Rule& rule) { return !rule.rate_limits.empty(); };
  if (listener.options.rate_limits.empty() &&
      std::none_of(table.rules().begin(), table.rules().end(), limited)) {
    return nullptr;
  }
  auto made = std::make_unique<RateLimits>();
  made->seed_ = commons.seed();
  const auto compile = [&](const std::vector<RateLimit>& options, const std::string& name) {
    Limits limits;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const RateLimit& one = options[i];
      Limit limit;
      limit.name = name;
      limit.by_source = one.key == "source";
      if (one.key.starts_with(kHeader)) limit.header = one.key.substr(kHeader.size());
      const std::string whose = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", listener.name, name, i,
                                            one.key, to_string(one.rate), one.burst, one.keys);
      limit.buckets = commons.buckets(whose, one);
      limit.refused = &sheet.counter(metrics::rate_limited_total, {listener.name, name});
      limits.push_back(std::move(limit));
    }
    return limits;
  };
  made->all_ = compile(listener.options.rate_limits, "listener");
  for (std::size_t i = 0; i < table.rules().size(); ++i) {
    const Rule& rule = table.rules()[i];
    const std::string name = rule.name.empty() ? fmt::format("rule_{}", i + 1) : rule.name;
    made->rules_.push_back(compile(rule.rate_limits, name));
  }
  return made;
}

std::unique_ptr<RateLimits::Refusal> RateLimits::refuse(int rule, const RequestView& request,
                                                        Time now) {
  auto refusal = take(all_, request, now);
  if (refusal || rule < 0) return refusal;
  return take(rules_[static_cast<std::size_t>(rule)], request, now);
}

std::unique_ptr<RateLimits::Refusal> RateLimits::take(const Limits& limits,
                                                      const RequestView& request, Time now) const {
  for (const Limit& limit : limits) {
    const auto answer = limit.buckets->take(key_of(limit, request), now);
    if (answer.allowed) continue;
    limit.refused->add();
    auto refusal = std::make_unique<Refusal>();
    const std::uint64_t retry = whole_seconds(answer.retry_after);
    refusal->retry_after = std::to_string(retry);
    refusal->policy = fmt::format("\"{}\";q={};w={}", limit.name, limit.buckets->burst(),
                                  whole_seconds(limit.buckets->filled_in()));
    refusal->limit = fmt::format("\"{}\";r=0;t={}", limit.name, retry);
    return refusal;
  }
  return nullptr;
}

std::uint64_t RateLimits::key_of(const Limit& limit, const RequestView& request) const {
  if (limit.by_source) {
    // Who has an IPv6 address has the 2^64 beside it too.
    const std::size_t counted = request.source.is_v4() ? 16 : 8;
    return hash({reinterpret_cast<const char*>(request.source.bytes.data()), counted}, seed_);
  }
  if (limit.header.empty()) return 1;
  // Those without the header share one bucket, so that leaving it out gains nothing.
  return hash(request.header(limit.header).value_or(""), seed_);
}

}  // namespace weir::proxy
