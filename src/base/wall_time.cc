#include "base/wall_time.h"

#include <optional>
#include <string>

namespace weir {
namespace {

// Takes from the front; each says whether it was there.
class Text {
 public:
  explicit Text(std::string_view text) : left_(text) {}

  bool end() const { return left_.empty(); }
  char peek() const { return left_.empty() ? '\0' : left_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits, of a number from `least` to `most`.
  std::optional<int> number(int digits, int least, int most) {
    if (left_.size() < static_cast<std::size_t>(digits)) return std::nullopt;
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const char c = left_[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    left_.remove_prefix(static_cast<std::size_t>(digits));
    return value < least || value > most ? std::nullopt : std::optional(value);
  }
  // Behind a point: one to nine digits, as nanoseconds.
  std::optional<Duration> fraction() {
    Duration value{0}, unit = 100ms;
    int digits = 0;
    for (; peek() >= '0' && peek() <= '9'; ++digits, unit /= 10) {
      if (digits == 9) return std::nullopt;
      value += unit * (peek() - '0');
      left_.remove_prefix(1);
    }
    return digits == 0 ? std::nullopt : std::optional(value);
  }

 private:
  std::string_view left_;
};

std::optional<WallTime> parse(Text text) {
  const auto year = text.number(4, 1970, 2200);
  if (!year || !text.take('-')) return std::nullopt;
  const auto month = text.number(2, 1, 12);
  if (!month || !text.take('-')) return std::nullopt;
  const auto day = text.number(2, 1, 31);
  if (!day || !(text.take('T') || text.take('t') || text.take(' '))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;

  const auto hour = text.number(2, 0, 23);
  if (!hour || !text.take(':')) return std::nullopt;
  const auto minute = text.number(2, 0, 59);
  if (!minute) return std::nullopt;
  Duration time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (text.take(':')) {
    const auto second = text.number(2, 0, 59);
    if (!second) return std::nullopt;
    time += std::chrono::seconds(*second);
    if (text.take('.')) {
      const auto fraction = text.fraction();
      if (!fraction) return std::nullopt;
      time += *fraction;
    }
  }
  Duration offset{0};
  if (!text.take('Z') && !text.take('z')) {
    const int sign = text.peek() == '-' ? -1 : 1;
    if (!text.take('+') && !text.take('-')) return std::nullopt;
    const auto hours = text.number(2, 0, 23);
    if (!hours || !text.take(':')) return std::nullopt;
    const auto minutes = text.number(2, 0, 59);
    if (!minutes) return std::nullopt;
    offset = sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
  }
  if (!text.end()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + time - offset);
}

}  // namespace

Result<WallTime> parse_wall_time(std::string_view text) {
  if (const auto time = parse(Text(text))) return *time;
  return fail(Code::invalid, "'" + std::string(text) + "' is no time such as 2026-12-24T08:00:00Z");
}

}  // namespace weir
