#include "control/zone_shifts.h"

#include <charconv>
#include <string_view>

namespace weir::control {
namespace {

constexpr std::string_view kShiftBefore = "{\"until_ms\":";

}  // namespace

std::vector<std::string> ZoneShifts::expire(WallTime now) {
  std::vector<std::string> over;
  for (auto it = until_.begin(); it != until_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    over.push_back(it->first);
    it = until_.erase(it);
  }
  return over;
}

std::optional<WallTime> ZoneShifts::until(const std::string& zone) const {
  const auto known = until_.find(zone);
  return known == until_.end() ? std::nullopt : std::optional(known->second);
}

std::string ZoneShifts::to_text(WallTime until) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(until.time_since_epoch());
  return std::string(kShiftBefore) + std::to_string(ms.count()) + "}";
}

std::optional<WallTime> ZoneShifts::from_text(const std::string& text) {
  if (!text.starts_with(kShiftBefore)) return std::nullopt;
  std::int64_t ms = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + kShiftBefore.size(), last, ms);
  if (error != std::errc() || std::string_view(end, last) != "}") return std::nullopt;
  return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace weir::control
