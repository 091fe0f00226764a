#include "base/cron_fields.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED",
                                                       "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  // of `least` and what follows
  std::string_view values;                  // for the remedy
};

constexpr Field kFields[] = {
    {"minute", 0, 59, {}, "0 to 59"},
    {"hour", 0, 23, {}, "0 to 23"},
    {"day-of-month", 1, 31, {}, "1 to 31"},
    {"month", 1, 12, kMonths, "1 to 12, or JAN to DEC"},
    {"day-of-week", 0, 7, kWeekdays, "0 to 7, or SUN to SAT"},
};

constexpr std::int64_t kCycle = 146'097;  // days of 400 years, after which dates repeat

tl::unexpected<Error> wrong(const Field& field, std::string what) {
  return fail(Code::invalid, fmt::format("{}: {}", field.name, what));
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return upper(x) == upper(y); });
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Result<int> parse_value(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_word(text, field.names[i])) return field.least + static_cast<int>(i);
  }
  const auto value = whole_number(text);
  if (!value || *value < field.least || *value > field.most) {
    return wrong(field, text.empty()
                            ? fmt::format("a value is missing (write {}, or *)", field.values)
                            : fmt::format("'{}' is not one (write {}, or *)", text, field.values));
  }
  return *value;
}

struct Range {
  int first;
  int last;
};

// 9-17, or all of *.
Result<Range> parse_range(const Field& field, std::string_view text) {
  if (text == "*") return Range{field.least, field.most};
  const std::size_t dash = text.find('-');
  TRY(const int first, parse_value(field, text.substr(0, dash)));
  if (dash == std::string_view::npos) return Range{first, first};
  TRY(int last, parse_value(field, text.substr(dash + 1)));
  if (field.most == 7 && last == 0 && first > 0) last = 7;  // FRI-SUN
  if (last < first) {
    return wrong(field, fmt::format("range '{}' goes backwards (write {}-{},{}-{})", text,
                                    text.substr(0, dash), field.most == 7 ? 6 : field.most,
                                    field.least, text.substr(dash + 1)));
  }
  return Range{first, last};
}

// One item of a list: a bit for each value.
Result<std::uint64_t> parse_item(const Field& field, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view values = text.substr(0, slash);
  TRY(const Range range, parse_range(field, values));
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view after = text.substr(slash + 1);
    if (values != "*" && values.find('-') == std::string_view::npos) {
      return wrong(field, fmt::format("'{}' has a step but no range (write {}-{}/{})", text, values,
                                      field.most, after));
    }
    step = whole_number(after).value_or(0);
    if (step < 1 || step > field.most) {
      return wrong(field, fmt::format("step '{}' is none (write 1 to {})", after, field.most));
    }
  }
  std::uint64_t bits = 0;
  for (int value = range.first; value <= range.last; value += step) {
    bits |= std::uint64_t{1} << (field.most == 7 ? value % 7 : value);
  }
  return bits;
}

Result<std::uint64_t> parse_field(const Field& field, std::string_view text) {
  std::uint64_t bits = 0;
  for (const std::string_view item : split(text, ",")) {
    TRY(const std::uint64_t more, parse_item(field, item));
    bits |= more;
  }
  return bits;
}

// The first set bit from `from` on, the last one up to `upto`; -1: none.
int bit_from(std::uint64_t bits, int from) {
  bits = from > 63 ? 0 : bits & (~std::uint64_t{0} << from);
  return bits ? std::countr_zero(bits) : -1;
}
int bit_upto(std::uint64_t bits, int upto) {
  bits = upto < 0 ? 0 : bits & (~std::uint64_t{0} >> (63 - upto));
  return bits ? 63 - std::countl_zero(bits) : -1;
}

bool has(std::uint64_t bits, int bit) { return bits >> bit & 1; }

int weekday(cctz::civil_day day) {  // 0 is Sunday; cctz begins with Monday
  return (static_cast<int>(cctz::get_weekday(day)) + 1) % 7;
}

bool day_matches(const CronFields& fields, cctz::civil_day day) {
  if (!has(fields.months, day.month())) return false;
  const bool in_month = has(fields.days, day.day());
  const bool in_week = has(fields.weekdays, weekday(day));
  return fields.either_day ? in_month || in_week : in_month && in_week;
}

// The first matching day at or after `day`, if one is in the next 400 years.
std::optional<cctz::civil_day> day_from(const CronFields& fields, cctz::civil_day day) {
  const cctz::civil_day end = day + kCycle;
  while (day < end) {
    if (!has(fields.months, day.month())) {
      day = cctz::civil_day(cctz::civil_month(day) + 1);
    } else if (day_matches(fields, day)) {
      return day;
    } else {
      ++day;
    }
  }
  return std::nullopt;
}

std::optional<cctz::civil_day> day_upto(const CronFields& fields, cctz::civil_day day) {
  const cctz::civil_day end = day - kCycle;
  while (day > end) {
    if (!has(fields.months, day.month())) {
      day = cctz::civil_day(cctz::civil_month(day)) - 1;
    } else if (day_matches(fields, day)) {
      return day;
    } else {
      --day;
    }
  }
  return std::nullopt;
}

cctz::civil_minute at(cctz::civil_day day, int hour, int minute) {
  return cctz::civil_minute(day) + hour * 60 + minute;
}

}  // namespace

Result<CronFields> parse_cron_fields(std::string_view text) {
  if (text.size() > Cron::kLongest) {
    return fail(Code::invalid, fmt::format("schedule has {} characters (write at most {})",
                                           text.size(), Cron::kLongest));
  }
  std::vector<std::string_view> parts = split(text, " \t");
  std::erase(parts, "");
  if (parts.size() != std::size(kFields)) {
    return fail(Code::invalid,
                fmt::format("schedule '{}' has {} {}, not 5 (write minute hour day-of-month month "
                            "day-of-week, like 30 6 * * MON-FRI)",
                            text, parts.size(), parts.size() == 1 ? "field" : "fields"));
  }
  CronFields out;
  std::uint64_t* const bits[] = {&out.minutes, &out.hours, &out.days, &out.months, &out.weekdays};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TRY(*bits[i], parse_field(kFields[i], parts[i]));
  }
  const auto free = [&](std::size_t i) { return parts[i].front() == '*'; };
  out.by_clock = free(0) || free(1);
  out.either_day = !free(2) && !free(4);
  if (!day_from(out, cctz::civil_day(2000, 1, 1))) {
    return fail(Code::invalid,
                fmt::format("day-of-month: the months of '{}' have no day {} (write a day that "
                            "exists, or other months)",
                            parts[3], parts[2]));
  }
  return out;
}

cctz::civil_minute match_from(const CronFields& fields, cctz::civil_minute from) {
  const cctz::civil_day today(from);
  if (day_matches(fields, today)) {
    const int minute = bit_from(fields.minutes, from.minute());
    if (has(fields.hours, from.hour()) && minute >= 0) return at(today, from.hour(), minute);
    const int hour = bit_from(fields.hours, from.hour() + 1);
    if (hour >= 0) return at(today, hour, bit_from(fields.minutes, 0));
  }
  const auto day = day_from(fields, today + 1);
  CHECK(day);  // parse_cron_fields() saw one
  return at(*day, bit_from(fields.hours, 0), bit_from(fields.minutes, 0));
}

cctz::civil_minute match_upto(const CronFields& fields, cctz::civil_minute upto) {
  const cctz::civil_day today(upto);
  if (day_matches(fields, today)) {
    const int minute = bit_upto(fields.minutes, upto.minute());
    if (has(fields.hours, upto.hour()) && minute >= 0) return at(today, upto.hour(), minute);
    const int hour = bit_upto(fields.hours, upto.hour() - 1);
    if (hour >= 0) return at(today, hour, bit_upto(fields.minutes, 59));
  }
  const auto day = day_upto(fields, today - 1);
  CHECK(day);
  return at(*day, bit_upto(fields.hours, 23), bit_upto(fields.minutes, 59));
}

}  // namespace weir
