#include "simulate/server.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {

Work work_of(const Request& request, const ServerModel& model, std::uint64_t cached,
             double factor) {
  const bool counted = request.input_tokens > 0 || request.output_tokens > 0;
  if (model.tokens_per_second > 0 && counted) {
    const double output = request.output_tokens / model.tokens_per_second;
    if (model.prefill_tokens_per_second <= 0) return {0, factor * output};
    const auto input = static_cast<double>(request.input_tokens -
                                           std::min<std::uint64_t>(cached, request.input_tokens));
    return {factor * input / model.prefill_tokens_per_second, factor * output};
  }
  return {factor * seconds(request.cost.value_or(model.service_time)), 0};
}

Server::Server(const ServerModel& model, std::uint32_t slots, Time now)
    : model_(model),
      slots_(slots),
      cache_(model.prefix_cache / std::max(model.prefix_block, 1u)),
      last_(now) {}

double Server::pace() const {
  if (working_ < 2) return 1;
  return 1 / (1 + model_.slowdown * static_cast<double>(working_ - 1));
}

void Server::move_to(Time now) {
  progress_ += seconds(now - last_) * pace();
  last_ = now;
}

void Server::accept(Time now, std::size_t id, const Request& request, double factor) {
  const Waiting one{id, &request, factor};
  if (slots_ != 0 && working_ >= slots_) {
    queue_.push_back(one);
    return;
  }
  move_to(now);
  begin(one);
}

void Server::begin(const Waiting& one) {
  const std::uint64_t cached =
      std::min<std::uint64_t>(cache_.take(one.request->prefix) * std::uint64_t{model_.prefix_block},
                              one.request->input_tokens);
  input_tokens_ += one.request->input_tokens;
  cached_tokens_ += cached;
  const Work work = work_of(*one.request, model_, cached, one.factor);
  ++working_;
  const double first = progress_ + work.prefill;
  goals_.push({first, order_++, one.id, false});
  goals_.push({first + work.decode, order_++, one.id, true});
}

Time Server::next() const {
  if (goals_.empty()) return kNever;
  const double left = std::max(0.0, goals_.top().at - progress_) / pace();
  return last_ + Duration(static_cast<std::int64_t>(std::ceil(left * 1e9)));
}

void Server::collect(Time now, std::vector<Milestone>& out) {
  for (Time at = next(); at <= now; at = next()) {
    move_to(at);
    const Goal goal = goals_.top();
    goals_.pop();
    out.push_back({goal.id, at, goal.end});
    if (!goal.end) continue;
    --working_;
    if (queue_.empty()) continue;
    begin(queue_.front());
    queue_.pop_front();
  }
}

std::vector<std::size_t> Server::evict() {
  std::vector<std::size_t> all;
  for (; !goals_.empty(); goals_.pop()) {
    if (goals_.top().end) all.push_back(goals_.top().id);
  }
  for (const Waiting& one : queue_) all.push_back(one.id);
  queue_.clear();
  working_ = 0;
  std::ranges::sort(all);
  return all;
}

}  // namespace weir::simulate
