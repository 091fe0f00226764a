#include "simulate/trace_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/hash.h"
#include "base/wall_time.h"
#include "config/reader.h"

namespace weir::simulate {
namespace {

using Name = std::string_view;

constexpr std::array<Name, 6> kTime = {"time", "timestamp", "t", "t_seconds", "at", "arrival"};
constexpr std::array<Name, 4> kCost = {"cost", "service_time", "seconds", "duration"};
constexpr std::array<Name, 1> kTotal = {"total_seconds"};
constexpr std::array<Name, 1> kWaited = {"waited_seconds"};
constexpr std::array<Name, 5> kInput = {"input_tokens", "input_length", "prompt_tokens",
                                        "contexttokens", "context_tokens"};
constexpr std::array<Name, 5> kOutput = {"output_tokens", "output_length", "completion_tokens",
                                         "generatedtokens", "generated_tokens"};
constexpr std::array<Name, 4> kPrefix = {"prefix", "hash_ids", "prefix_hash", "prefix_hashes"};
constexpr std::array<Name, 4> kKey = {"key", "session", "session_id", "user"};
constexpr std::array<Name, 1> kClient = {"client"};
constexpr std::array<Name, 3> kClass = {"class", "queue_class", "priority_class"};
constexpr std::array<Name, 2> kGroup = {"group", "target_group"};
constexpr std::array<Name, 3> kRate = {"requests_per_second", "rate", "rps"};

bool same_word(Name a, Name b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? x + ('a' - 'A') : x) == y;
  });
}

tl::unexpected<Error> no(Name text, Name what) {
  return fail(Code::invalid, fmt::format("'{}' {}", config::shorten(std::string(text)), what));
}

std::optional<double> number(Name text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

// Longer than any trace: what is above is a mistake in the unit.
constexpr double kMostSeconds = 100.0 * 366 * 24 * 3600;

Result<> read_time(Name text, Row& row) {
  if (const auto value = number(text)) {
    row.time = *value;
    return {};
  }
  auto wall = parse_wall_time(text);
  if (!wall) wall = parse_wall_time(std::string(text) + "Z");  // no zone: UTC
  if (!wall) return no(text, "is neither a number nor a date and time");
  row.wall = *wall;
  return {};
}

Result<> read_seconds(Name text, std::optional<Duration>& place) {
  const auto value = number(text);
  if (!value || *value < 0 || *value > kMostSeconds) {
    return no(text, "is not a number of seconds");
  }
  place = from_seconds(*value);
  return {};
}

Result<> read_count(Name text, std::uint32_t& place) {
  const auto value = number(text);
  if (!value || *value < 0 || *value > 4e9) return no(text, "is not a count of tokens");
  place = static_cast<std::uint32_t>(*value);
  return {};
}

Result<> read_rate(Name text, Row& row) {
  const auto value = number(text);
  if (!value || *value < 0 || *value > 1e9) return no(text, "is not a rate of requests per second");
  row.rate = *value;
  return {};
}

void read_prefix(Name text, Row& row) {
  constexpr Name kBetween = " ,;[]";
  while (true) {
    const auto begin = text.find_first_not_of(kBetween);
    if (begin == Name::npos) return;
    text.remove_prefix(begin);
    const Name word = text.substr(0, text.find_first_of(kBetween));
    row.prefix.push_back(hash(word));
    text.remove_prefix(word.size());
  }
}

}  // namespace

std::span<const Name> names_of(Column column) {
  switch (column) {
    case Column::time:
      return kTime;
    case Column::cost:
      return kCost;
    case Column::total:
      return kTotal;
    case Column::waited:
      return kWaited;
    case Column::input_tokens:
      return kInput;
    case Column::output_tokens:
      return kOutput;
    case Column::prefix:
      return kPrefix;
    case Column::key:
      return kKey;
    case Column::client:
      return kClient;
    case Column::priority_class:
      return kClass;
    case Column::group:
      return kGroup;
    case Column::rate:
      return kRate;
    case Column::none:
      break;
  }
  return {};
}

Column column_of(Name name) {
  for (std::uint8_t c = 0; c < static_cast<std::uint8_t>(Column::none); ++c) {
    const auto column = static_cast<Column>(c);
    for (const Name known : names_of(column)) {
      if (same_word(name, known)) return column;
    }
  }
  return Column::none;
}

Result<> read_cell(Column column, Name text, Row& row) {
  if (text.empty()) return {};  // it does not say
  switch (column) {
    case Column::time:
      return read_time(text, row);
    case Column::cost:
      return read_seconds(text, row.cost);
    case Column::total:
      return read_seconds(text, row.total);
    case Column::waited:
      return read_seconds(text, row.waited);
    case Column::input_tokens:
      return read_count(text, row.input_tokens);
    case Column::output_tokens:
      return read_count(text, row.output_tokens);
    case Column::prefix:
      read_prefix(text, row);
      return {};
    case Column::key:
      row.key = hash(text);
      return {};
    case Column::client:  // its address, as `key: source` takes it
      if (!row.key) row.key = hash(text.substr(0, text.rfind(':')));
      return {};
    case Column::priority_class:
      row.priority_class = text;
      return {};
    case Column::group:
      row.group = text;
      return {};
    case Column::rate:
      return read_rate(text, row);
    case Column::none:
      break;
  }
  return {};
}

}  // namespace weir::simulate
