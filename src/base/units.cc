#include "base/units.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <limits>
#include <optional>

namespace weir {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr Wide kLargest = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());

struct Unit {
  std::string_view name;
  std::uint64_t size;  // in nanoseconds, or in bytes
};

constexpr std::array kTimes = {
    Unit{"d", 86'400'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1},
};
constexpr std::array kSizes = {
    Unit{"TiB", 1ull << 40},
    Unit{"TB", 1'000'000'000'000},
    Unit{"GiB", 1ull << 30},
    Unit{"GB", 1'000'000'000},
    Unit{"MiB", 1ull << 20},
    Unit{"MB", 1'000'000},
    Unit{"KiB", 1ull << 10},
    Unit{"KB", 1'000},
    Unit{"B", 1},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
const Unit* find(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// A decimal number as digits and the power of ten that divides them: 1.25 is 125 and 100.
struct Number {
  Wide digits = 0;
  Wide divisor = 1;
};

// Takes a number off the front of `text`; none if there is none, or too many digits.
std::optional<Number> take_number(std::string_view& text) {
  Number number;
  std::size_t count = 0;
  bool fraction = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !fraction && i > 0 && i + 1 < text.size() && is_digit(text[i + 1])) {
      fraction = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    if (++count > 20) return std::nullopt;
    number.digits = number.digits * 10 + static_cast<Wide>(text[i] - '0');
    if (fraction) number.divisor *= 10;
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(i);
  return number;
}

std::string_view take_word(std::string_view& text) {
  std::size_t i = 0;
  while (i < text.size() && !is_digit(text[i]) && text[i] != '.') ++i;
  const std::string_view word = text.substr(0, i);
  text.remove_prefix(i);
  return word;
}

// number * unit, if that is whole and fits.
std::optional<Wide> times(const Number& number, const Unit& unit) {
  if (unit.size != 0 && number.digits > ~Wide{0} / unit.size) return std::nullopt;
  const Wide product = number.digits * unit.size;
  if (product % number.divisor != 0) return std::nullopt;
  const Wide whole = product / number.divisor;
  if (whole > kLargest) return std::nullopt;
  return whole;
}

tl::unexpected<Error> not_a(std::string_view what, std::string_view text,
                            std::string_view example) {
  return fail(Code::invalid,
              fmt::format("'{}' is not a {} (write it like {})", text, what, example));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kExample = "250ms, 30s or 1h30m";
  if (text == "0") return Duration(0);
  Wide total = 0;
  const Unit* last = nullptr;
  for (std::string_view rest = text; !rest.empty() || !last;) {
    const auto number = take_number(rest);
    if (!number) return not_a("duration", text, kExample);
    const std::string_view word = take_word(rest);
    if (word.empty()) {
      return fail(Code::invalid,
                  fmt::format("'{}' has no unit (write it like {})", text, kExample));
    }
    const Unit* unit = find(kTimes, word);
    if (!unit || (last && unit->size >= last->size)) return not_a("duration", text, kExample);
    const auto part = times(*number, *unit);
    if (!part || total + *part > kLargest) {
      return fail(Code::invalid, fmt::format("duration '{}' is out of range", text));
    }
    total += *part;
    last = unit;
  }
  return Duration(static_cast<std::int64_t>(total));
}

Result<Bytes> parse_bytes(std::string_view text) {
  constexpr std::string_view kExample = "64KiB, 512MiB or 1GB";
  if (text == "0") return Bytes{0};
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) return not_a("size", text, kExample);
  if (rest.empty()) {
    return fail(Code::invalid, fmt::format("'{}' has no unit (write it like {})", text, kExample));
  }
  const Unit* unit = find(kSizes, rest);
  if (!unit) return not_a("size", text, kExample);
  const auto value = times(*number, *unit);
  if (!value) {
    return fail(Code::invalid,
                fmt::format("size '{}' is out of range or not a whole number of bytes", text));
  }
  return Bytes{static_cast<std::uint64_t>(*value)};
}

std::string to_string(Duration d) {
  if (d.count() == 0) return "0s";
  // Through unsigned, so that the smallest value has a magnitude too.
  auto left = static_cast<std::uint64_t>(d.count());
  std::string out;
  if (d.count() < 0) {
    left = ~left + 1;
    out = "-";
  }
  for (const Unit& unit : kTimes) {
    if (left < unit.size) continue;
    out += fmt::format("{}{}", left / unit.size, unit.name);
    left %= unit.size;
  }
  return out;
}

std::string to_string(Bytes b) {
  std::string shortest = fmt::format("{}B", b.value);
  if (b.value == 0) return shortest;
  for (const Unit& unit : kSizes) {
    if (b.value % unit.size != 0) continue;
    std::string form = fmt::format("{}{}", b.value / unit.size, unit.name);
    if (form.size() < shortest.size()) shortest = std::move(form);
  }
  return shortest;
}

std::string to_string(WallTime t) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
  const auto whole = std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  const auto second = static_cast<std::time_t>(whole);
  std::tm parts{};
  gmtime_r(&second, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", parts, ms - whole * 1000);
}

}  // namespace weir
