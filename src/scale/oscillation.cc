#include "scale/oscillation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace weir::scale {

void Oscillation::changed(std::uint32_t from, std::uint32_t to, Time now) {
  if (from == 0 || to == 0 || from == to) return;
  const bool up = to > from;
  const bool turned = !changes_.empty() && (changes_.back().to > changes_.back().from) != up;
  changes_.push_back({now, from, to, turned});
  if (changes_.size() > kMost) changes_.pop_front();
}

std::uint32_t Oscillation::reversals(Time now) {
  while (!changes_.empty() && changes_.front().at <= now - kWindow) changes_.pop_front();
  return static_cast<std::uint32_t>(std::ranges::count_if(changes_, &Change::reversal));
}

std::optional<Oscillation::Report> Oscillation::report(Time now) {
  Report report;
  report.reversals = reversals(now);
  if (report.reversals < kReversals) return std::nullopt;
  report.low = changes_.front().from;
  for (const Change& change : changes_) {
    report.low = std::min({report.low, change.from, change.to});
    report.high = std::max({report.high, change.from, change.to});
  }
  report.fresh = !told_ || now >= *told_ + kWindow;
  if (report.fresh) told_ = now;
  report.text = fmt::format("it turned {} times within {}, between {} and {}", report.reversals,
                            to_string(kWindow), report.low, report.high);
  return report;
}

}  // namespace weir::scale
