// MetricMath: a metric made of others: in_flight{target_group=ocr} / instances{scaling_group=ocr}.
// Pure; a value; any thread once made.
//
//   + - * / and parentheses; numbers; metrics as metric_name.h has them
//   sum avg min max (a, b, ...)      of those that are known
//   percentile(P, a, b, ...)         likewise; nearest rank, P from 0 to 100
//   or(a, b, ...)                    the first that is known
//   sum_over avg_over min_over max_over (a, 60s)   of the last seconds, those that are known
//   percentile_over(P, a, 5m)        likewise; at most an hour, and none inside another
//   last_over(a, 60s)                the newest that is known, for what is not told each second
//   last_over(a, 60s)                the newest that is known, for what is not told each second
//
// Unknown is what has no value in that second, a quotient by zero, and what is no finite number; of
// an operator also where one side is unknown.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/metric_name.h"

namespace weir {

class MetricMath {
 public:
  static constexpr std::size_t kLongest = 1024;  // bytes of text

  // Errors name the column, counted from 1.
  static Result<MetricMath> parse(std::string_view text);

  // What it is made of, each once, in order.
  const std::vector<MetricName>& names() const { return names_; }

  // The value of one of names() in a second. `index` is its place there.
  using Lookup = std::function<std::optional<double>(std::size_t index, Time second)>;
  std::optional<double> at(const Lookup& lookup, Time second) const;

 private:
  enum class Kind : std::uint8_t {
    number,
    metric,
    negate,
    add,
    subtract,
    multiply,
    divide,
    sum,
    avg,
    min,
    max,
    percentile,
    first,
    sum_over,
    avg_over,
    min_over,
    max_over,
    percentile_over,
    last_over
  };
  struct Node {
    Kind kind = Kind::number;
    double number = 0;            // itself; or P of a percentile
    std::size_t metric = 0;       // place in names_
    std::uint32_t seconds = 0;    // of what is over some
    std::vector<std::size_t> of;  // places in nodes_
  };
  friend class MetricMathParser;

  std::optional<double> value(std::size_t node, const Lookup& lookup, Time second) const;
  std::optional<double> fold(const Node& node, const Lookup& lookup, Time second) const;

  std::vector<Node> nodes_;  // the last one is the whole
  std::vector<MetricName> names_;
};

}  // namespace weir
