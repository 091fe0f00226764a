#include "scale/capacity.h"

#include <algorithm>

namespace weir::scale {
namespace {

constexpr double kUntried = 1.25;    // how far beyond what was seen capacity is believed in
constexpr std::uint32_t kLook = 30;  // seconds
constexpr std::uint32_t kNow = 5;
constexpr double kNewer = 0.1;   // weight of a later look
constexpr double kWrong = 1.25;  // so much longer, and what was learned is not believed any more
constexpr double kFewest = 5;    // requests of a look that tells how long they take

// Somebody was in line all the while.
bool stood(const Series& series, Time now) {
  for (std::uint32_t ago = 0; ago < kLook; ++ago) {
    if (series.at(Metric::waiting, now - std::chrono::seconds(ago)).value_or(0) <= 0) return false;
  }
  return true;
}

}  // namespace

void Capacity::observe(const Series& series, std::optional<std::uint32_t> slots, Time now) {
  slots_ = slots;
  const auto recent = series.latency(0.5, now, kNow);
  late_ = recent.count > 0 && recent.seconds > bound_;
  const Window arrived = series.window(Metric::requests, now, kLook);
  const Window waiting = series.window(Metric::waiting, now, kLook + 1);
  const double in_flight = series.window(Metric::in_flight, now, kLook).mean;
  if (arrived.mean * kLook >= kFewest && in_flight > 0 && waiting.max <= 0 && !late_) {
    const double seen = in_flight / arrived.mean;
    service_ = service_ > 0 ? service_ + kNewer * (seen - service_) : seen;
  }

  const auto latency = series.latency(percentile_, now, kLook);
  const Window endpoints = series.window(Metric::endpoints, now, kLook);
  if (latency.count == 0 || endpoints.mean <= 0) return;
  const double completed = static_cast<double>(latency.count) / kLook / endpoints.mean;
  const bool steady = endpoints.max <= endpoints.mean;
  if (slots_ && steady && *slots_ > kWrong * service_ * completed && stood(series, now)) {
    service_ = *slots_ / completed;
  }
  if (latency.seconds <= bound_) {
    most_in_time_ = std::max(most_in_time_, completed);
    if (while_late_) *while_late_ = std::max(*while_late_, completed);
  } else if (late_) {
    while_late_ = while_late_ ? *while_late_ + kNewer * (completed - *while_late_) : completed;
  }
}

void Capacity::keep(Learned& learned) const {
  learned["capacity"] = {service_, most_in_time_, while_late_.value_or(0)};
}

// Slots are told anew before they count.
void Capacity::restore(const Learned& learned) {
  const std::vector<double>* const known = row(learned, "capacity", 3);
  if (!known) return;
  service_ = (*known)[0];
  most_in_time_ = (*known)[1];
  if ((*known)[2] > 0) while_late_ = (*known)[2];
}

std::optional<double> Capacity::rate() const {
  if (slots_ && service_ > 0) return *slots_ / service_;
  if (slots_ || most_in_time_ <= 0) return while_late_;
  return while_late_ ? *while_late_ : kUntried * most_in_time_;
}

double Capacity::wait() const { return std::max(bound_ - service_, bound_ / 10); }

}  // namespace weir::scale
