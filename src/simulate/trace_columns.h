// trace_columns: what a row of a trace says, by the names that its columns or keys have.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::simulate {

enum class Column : std::uint8_t {
  time,    // seconds (or another unit), or a date and time
  cost,    // seconds of work, alone at a server
  total,   // of an access log: seconds until the answer's end, the wait included
  waited,  // of an access log: seconds in line
  input_tokens,
  output_tokens,
  prefix,  // hashes of the blocks that the input begins with
  key,     // what hashing algorithms go by
  client,  // of an access log: address:port
  priority_class,
  group,  // target group
  rate,   // requests per second from then on
  none,   // not looked at
};

// By any of its names, in any case; none for others.
Column column_of(std::string_view name);
// The names of a column, the first one being ours.
std::span<const std::string_view> names_of(Column column);

// A row's cells as text; lists are separated by spaces, commas or semicolons.
struct Row {
  std::optional<double> time;    // as it stands
  std::optional<WallTime> wall;  // or as a wall-clock time
  std::optional<double> rate;
  std::optional<Duration> cost, total, waited;
  std::uint32_t input_tokens = 0, output_tokens = 0;
  std::vector<std::uint64_t> prefix;
  std::optional<std::uint64_t> key;
  std::string priority_class, group;
};

// Reads one cell into its place. The error is a phrase, what stands there and what is wrong.
Result<> read_cell(Column column, std::string_view text, Row& row);

}  // namespace weir::simulate
