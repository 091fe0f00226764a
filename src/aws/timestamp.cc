#include "aws/timestamp.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>

#include "aws/text.h"

namespace weir::aws {
namespace {

namespace ch = std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // A number of `least` to `most` digits; -1 where there is none.
  int number(int least, int most) {
    int value = 0, digits = 0;
    while (digits < most && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    return digits < least ? -1 : value;
  }
  // .5 or .123456789 as nanoseconds; 0 where there is none, -1 where it is malformed.
  std::int64_t fraction() {
    if (!take('.')) return 0;
    std::int64_t value = 0;
    int digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (digits < 9) value = value * 10 + (rest_.front() - '0');
      ++digits;
      rest_.remove_prefix(1);
    }
    for (int i = digits; i < 9; ++i) value *= 10;
    return digits == 0 ? -1 : value;
  }
  template <std::size_t N>
  int one_of(const std::array<std::string_view, N>& words) {
    for (std::size_t i = 0; i < N; ++i) {
      if (take(words[i])) return static_cast<int>(i);
    }
    return -1;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<WallTime> compose(int year, int month, int day, Duration time_of_day) {
  const ch::year_month_day date{ch::year(year), ch::month(static_cast<unsigned>(month)),
                                ch::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < kFirstYear || year > kLastYear) return std::nullopt;
  return WallTime(Duration(ch::sys_days(date).time_since_epoch()) + time_of_day);
}

// 04:00:00 and a fraction.
std::optional<Duration> time_of_day(Cursor& at) {
  const int hour = at.number(2, 2);
  if (hour < 0 || hour > 23 || !at.take(':')) return std::nullopt;
  const int minute = at.number(2, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  std::int64_t fraction = 0;
  if (at.take(':')) {
    second = at.number(2, 2);
    fraction = at.fraction();
    if (second < 0 || second > 60 || fraction < 0) return std::nullopt;
  }
  return ch::hours(hour) + ch::minutes(minute) + ch::seconds(second) + Duration(fraction);
}

std::optional<WallTime> read_iso(std::string_view text) {
  Cursor at(text);
  const int year = at.number(4, 4);
  if (year < 0 || !at.take('-')) return std::nullopt;
  const int month = at.number(2, 2);
  if (month < 0 || !at.take('-')) return std::nullopt;
  const int day = at.number(2, 2);
  if (day < 0) return std::nullopt;
  if (at.at_end()) return compose(year, month, day, Duration(0));  // the aws CLI allows a bare date
  if (!at.take('T') && !at.take('t') && !at.take(' ')) return std::nullopt;
  const auto clock = time_of_day(at);
  if (!clock) return std::nullopt;
  Duration offset(0);
  const bool east = at.take('+');
  if (east || at.take('-')) {
    const int hours = at.number(2, 2);
    at.take(':');
    const int minutes = at.number(2, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    offset = ch::hours(hours) + ch::minutes(minutes);
    if (!east) offset = -offset;
  } else if (!at.take('Z') && !at.take('z') && !at.at_end()) {
    return std::nullopt;
  }
  if (!at.at_end()) return std::nullopt;
  return compose(year, month, day, *clock - offset);
}

std::optional<WallTime> read_rfc822(std::string_view text) {
  Cursor at(text);
  if (at.one_of(kDays) < 0 || !at.take(", ")) return std::nullopt;
  const int day = at.number(1, 2);
  if (day < 0 || !at.take(' ')) return std::nullopt;
  const int month = at.one_of(kMonths);
  if (month < 0 || !at.take(' ')) return std::nullopt;
  const int year = at.number(4, 4);
  if (year < 0 || !at.take(' ')) return std::nullopt;
  const auto clock = time_of_day(at);
  if (!clock || (!at.take(" GMT") && !at.take(" UTC")) || !at.at_end()) return std::nullopt;
  return compose(year, month + 1, day, *clock);
}

std::string milliseconds(WallTime time) {
  const auto within = time.time_since_epoch() - ch::floor<ch::seconds>(time.time_since_epoch());
  const auto count = ch::duration_cast<ch::milliseconds>(within).count();
  return count == 0 ? std::string() : fmt::format(".{:03}", count);
}

}  // namespace

std::optional<WallTime> timestamp_of(double seconds) {
  if (!(std::abs(seconds) < 9.2e9)) return std::nullopt;
  const double whole = std::floor(seconds);
  // To the microsecond: a double of today's seconds holds no more.
  const auto micros = static_cast<std::int64_t>(std::llround((seconds - whole) * 1e6));
  return WallTime(ch::seconds(static_cast<std::int64_t>(whole)) + ch::microseconds(micros));
}

std::optional<WallTime> read_timestamp(std::string_view text) {
  if (auto time = read_iso(text)) return time;
  if (auto time = read_rfc822(text)) return time;
  if (const auto seconds = real_from_text(text)) return timestamp_of(*seconds);
  return std::nullopt;
}

std::string write_timestamp(WallTime time, TimeFormat format) {
  const auto days = ch::floor<ch::days>(time);
  const ch::year_month_day date(days);
  const ch::hh_mm_ss clock(ch::floor<ch::seconds>(time) - days);
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month());
  const unsigned day = static_cast<unsigned>(date.day());
  const auto hms = fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                               clock.seconds().count());
  switch (format) {
    case TimeFormat::rfc822:
      return fmt::format("{}, {:02} {} {:04} {}{} GMT", kDays[ch::weekday(days).c_encoding()], day,
                         kMonths[month - 1], year, hms, milliseconds(time));
    case TimeFormat::unix_seconds: {
      const auto floor = ch::floor<ch::seconds>(time.time_since_epoch());
      if (floor == time.time_since_epoch()) return fmt::format("{}", floor.count());
      return fmt::format("{:.3f}", seconds(time.time_since_epoch()));
    }
    default:
      return fmt::format("{:04}-{:02}-{:02}T{}{}Z", year, month, day, hms, milliseconds(time));
  }
}

}  // namespace weir::aws
