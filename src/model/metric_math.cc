#include "model/metric_math.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace weir {

// Recursive descent, each level of the text's nesting a level of the stack.
class MetricMathParser {
 public:
  explicit MetricMathParser(std::string_view text) : text_(text) {}

  Result<MetricMath> parse() {
    if (text_.size() > MetricMath::kLongest) return wrong("is longer than 1024 bytes");
    TRY_VOID(sum());
    skip();
    if (at_ < text_.size()) return wrong(fmt::format("'{}' is not expected", text_[at_]));
    return std::move(math_);
  }

 private:
  using Kind = MetricMath::Kind;
  using Node = MetricMath::Node;
  static constexpr int kDeepest = 32;
  static constexpr std::uint32_t kLongestSpan = 3600;

  struct Function {
    std::string_view name;
    Kind kind;
    bool percentile;
    bool over;
  };
  static constexpr Function kFunctions[] = {
      {"sum", Kind::sum, false, false},
      {"avg", Kind::avg, false, false},
      {"min", Kind::min, false, false},
      {"max", Kind::max, false, false},
      {"or", Kind::first, false, false},
      {"percentile", Kind::percentile, true, false},
      {"sum_over", Kind::sum_over, false, true},
      {"avg_over", Kind::avg_over, false, true},
      {"min_over", Kind::min_over, false, true},
      {"max_over", Kind::max_over, false, true},
      {"last_over", Kind::last_over, false, true},
      {"percentile_over", Kind::percentile_over, true, true},
  };

  tl::unexpected<Error> wrong(std::string what) const {
    return fail(Code::invalid, fmt::format("column {}: {}", at_ + 1, what));
  }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::size_t push(Node node) {
    math_.nodes_.push_back(std::move(node));
    return math_.nodes_.size() - 1;
  }
  std::size_t join(Kind kind, std::size_t a, std::size_t b) {
    Node node;
    node.kind = kind;
    node.of = {a, b};
    return push(std::move(node));
  }

  Result<std::size_t> sum() {
    TRY(std::size_t left, product());
    while (true) {
      const bool plus = take('+');
      if (!plus && !take('-')) return left;
      TRY(const std::size_t right, product());
      left = join(plus ? Kind::add : Kind::subtract, left, right);
    }
  }

  Result<std::size_t> product() {
    TRY(std::size_t left, factor());
    while (true) {
      const bool times = take('*');
      if (!times && !take('/')) return left;
      TRY(const std::size_t right, factor());
      left = join(times ? Kind::multiply : Kind::divide, left, right);
    }
  }

  Result<std::size_t> factor() {
    struct Level {
      explicit Level(int& d) : depth(d) { ++depth; }
      ~Level() { --depth; }
      int& depth;
    } const level(depth_);
    if (depth_ > kDeepest) return wrong("is nested more than 32 deep");
    if (take('-')) {
      TRY(const std::size_t of, factor());
      Node node;
      node.kind = Kind::negate;
      node.of = {of};
      return push(std::move(node));
    }
    if (take('(')) {
      TRY(const std::size_t inside, sum());
      if (!take(')')) return wrong("')' is missing");
      return inside;
    }
    skip();
    if (at_ >= text_.size()) return wrong("a number, a metric or a function is missing");
    const char c = text_[at_];
    if ((c >= '0' && c <= '9') || c == '.') {
      Node node;
      TRY(node.number, number());
      return push(std::move(node));
    }
    return word();
  }

  Result<double> number() {
    skip();
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return wrong("a number is missing");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  // A function and its arguments, or a metric.
  Result<std::size_t> word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && plain(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name.empty()) return wrong(fmt::format("'{}' is not expected", text_[at_]));
    if (take('(')) {
      for (const Function& one : kFunctions) {
        if (one.name == name) return call(one);
      }
      at_ = begin;
      return wrong(fmt::format(
          "there is no function '{}'; there are sum, avg, min, max, percentile, or, and sum_over, "
          "avg_over, min_over, max_over, last_over, percentile_over",
          name));
    }
    skip();
    if (at_ < text_.size() && text_[at_] == '{') {
      const std::size_t close = text_.find('}', at_);
      if (close == text_.npos) return wrong("'}' is missing");
      at_ = close + 1;
    }
    const auto parsed = parse_metric_name(text_.substr(begin, at_ - begin));
    if (!parsed) {
      at_ = begin;
      return wrong(parsed.error().message);
    }
    auto& names = math_.names_;
    const auto known = std::find(names.begin(), names.end(), *parsed);
    Node node;
    node.kind = Kind::metric;
    node.metric = static_cast<std::size_t>(known - names.begin());
    if (known == names.end()) names.push_back(*parsed);
    return push(std::move(node));
  }

  static bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':';
  }

  Result<std::size_t> call(const Function& function) {
    Node node;
    node.kind = function.kind;
    if (function.percentile) {
      TRY(node.number, number());
      if (node.number < 0 || node.number > 100) return wrong("a percentile is from 0 to 100");
      if (!take(',')) return wrong("',' is missing behind the percentile");
    }
    if (function.over && std::exchange(over_, true)) {
      return wrong("a function over a time stands inside another");
    }
    while (true) {
      TRY(const std::size_t argument, sum());
      node.of.push_back(argument);
      if (function.over || !take(',')) break;
    }
    if (function.over) {
      over_ = false;
      if (!take(',')) return wrong("a time such as 60s is missing");
      TRY(node.seconds, span());
    }
    if (!take(')')) return wrong("')' is missing");
    return push(std::move(node));
  }

  Result<std::uint32_t> span() {
    TRY(double value, number());
    const char unit = at_ < text_.size() ? text_[at_] : ' ';
    if (unit == 'h') {
      value *= 3600;
    } else if (unit == 'm') {
      value *= 60;
    } else if (unit != 's') {
      return wrong("a time has a unit: 60s, 5m");
    }
    ++at_;
    if (value < 1 || value > kLongestSpan || value != std::floor(value)) {
      return wrong("a time is a whole number of seconds, up to an hour");
    }
    return static_cast<std::uint32_t>(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool over_ = false;
  MetricMath math_;
};

namespace {

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<MetricMath> MetricMath::parse(std::string_view text) {
  return MetricMathParser(text).parse();
}

std::optional<double> MetricMath::at(const Lookup& lookup, Time second) const {
  return value(nodes_.size() - 1, lookup, second);
}

std::optional<double> MetricMath::value(std::size_t index, const Lookup& lookup,
                                        Time second) const {
  const Node& node = nodes_[index];
  switch (node.kind) {
    case Kind::number:
      return node.number;
    case Kind::metric:
      return lookup(node.metric, second);
    case Kind::negate: {
      const auto of = value(node.of[0], lookup, second);
      return of ? std::optional(-*of) : std::nullopt;
    }
    case Kind::add:
    case Kind::subtract:
    case Kind::multiply:
    case Kind::divide: {
      const auto a = value(node.of[0], lookup, second);
      const auto b = a ? value(node.of[1], lookup, second) : std::nullopt;
      if (!b) return std::nullopt;
      if (node.kind == Kind::add) return finite(*a + *b);
      if (node.kind == Kind::subtract) return finite(*a - *b);
      if (node.kind == Kind::multiply) return finite(*a * *b);
      return finite(*a / *b);
    }
    default:
      return fold(node, lookup, second);
  }
}

std::optional<double> MetricMath::fold(const Node& node, const Lookup& lookup, Time second) const {
  std::vector<double> values;
  if (node.seconds > 0) {
    for (std::uint32_t ago = 0; ago < node.seconds; ++ago) {
      const auto one = value(node.of[0], lookup, second - std::chrono::seconds(ago));
      if (one && node.kind == Kind::last_over) return one;
      if (one) values.push_back(*one);
    }
  } else {
    for (const std::size_t of : node.of) {
      const auto one = value(of, lookup, second);
      if (one && node.kind == Kind::first) return one;
      if (one) values.push_back(*one);
    }
  }
  if (values.empty()) return std::nullopt;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  switch (node.kind) {
    case Kind::sum:
    case Kind::sum_over:
      return finite(sum);
    case Kind::avg:
    case Kind::avg_over:
      return finite(sum / static_cast<double>(values.size()));
    case Kind::min:
    case Kind::min_over:
      return *std::min_element(values.begin(), values.end());
    case Kind::max:
    case Kind::max_over:
      return *std::max_element(values.begin(), values.end());
    default:
      break;
  }
  std::sort(values.begin(), values.end());
  const auto rank =
      static_cast<std::size_t>(std::ceil(node.number / 100 * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}  // namespace weir
