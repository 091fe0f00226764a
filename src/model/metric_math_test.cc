#include "model/metric_math.h"

#include <gtest/gtest.h>

#include <map>

namespace weir {
namespace {

constexpr Time kNow{Duration(1000s)};

std::string error(std::string_view text) {
  const auto math = MetricMath::parse(text);
  return math ? "none" : math.error().message;
}

// With a = 6, b = 3, zero = 0, ramp = the second; all else is unknown.
std::optional<double> value(std::string_view text) {
  const auto math = MetricMath::parse(text);
  EXPECT_TRUE(math) << text << ": " << math.error().message;
  if (!math) return std::nullopt;
  return math->at(
      [&](std::size_t index, Time second) -> std::optional<double> {
        const std::string name = to_string(math->names()[index]);
        if (name == "ramp") return seconds(second.time_since_epoch());
        const std::map<std::string, double> known = {
            {"a", 6}, {"b", 3}, {"zero", 0}, {"custom.q{model=x-1}", 8}};
        const auto found = known.find(name);
        return found == known.end() ? std::nullopt : std::optional(found->second);
      },
      kNow);
}

TEST(MetricMath, FollowsTheOrderOfOperators) {
  EXPECT_EQ(value("a + b * 2"), 12);
  EXPECT_EQ(value("(a + b) * 2"), 18);
  EXPECT_EQ(value("a - b - 1"), 2);
  EXPECT_EQ(value("a / b / 2"), 1);
  EXPECT_EQ(value("-a + 1e1"), 4);
  EXPECT_EQ(value("2*-b"), -6);
}

TEST(MetricMath, TakesMetricsWithDimensions) {
  EXPECT_EQ(value("custom.q{model=x-1} / a*3"), 4);
  EXPECT_EQ(value("custom.q{ model = x-1 }"), 8);
}

TEST(MetricMath, IsUnknownWhereAnOperandIs) {
  EXPECT_EQ(value("a + nothing"), std::nullopt);
  EXPECT_EQ(value("a / zero"), std::nullopt);
  EXPECT_EQ(value("-nothing"), std::nullopt);
  EXPECT_EQ(value("1e308 * 1e308"), std::nullopt);
}

TEST(MetricMath, FunctionsTakeWhatIsKnown) {
  EXPECT_EQ(value("sum(a, b, nothing)"), 9);
  EXPECT_EQ(value("avg(a, b, nothing)"), 4.5);
  EXPECT_EQ(value("min(a, b)"), 3);
  EXPECT_EQ(value("max(a, b, 7)"), 7);
  EXPECT_EQ(value("or(nothing, b, a)"), 3);
  EXPECT_EQ(value("sum(nothing)"), std::nullopt);
}

TEST(MetricMath, PercentilesAreByNearestRank) {
  EXPECT_EQ(value("percentile(50, 1, 2, 3, 4)"), 2);
  EXPECT_EQ(value("percentile(51, 1, 2, 3, 4)"), 3);
  EXPECT_EQ(value("percentile(0, 4, 3)"), 3);
  EXPECT_EQ(value("percentile(100, 4, 3)"), 4);
}

TEST(MetricMath, LooksBackOverTheLastSeconds) {
  EXPECT_EQ(value("avg_over(ramp, 3s)"), 999);
  EXPECT_EQ(value("min_over(ramp, 1m)"), 941);
  EXPECT_EQ(value("max_over(ramp, 1m)"), 1000);
  EXPECT_EQ(value("sum_over(1, 10s)"), 10);
  EXPECT_EQ(value("percentile_over(90, ramp, 10s)"), 999);
  EXPECT_EQ(value("last_over(ramp, 1m)"), 1000);
  EXPECT_EQ(value("last_over(nothing, 1m)"), std::nullopt);
  EXPECT_EQ(value("a / max_over(b + 0*ramp, 5s)"), 2);
}

TEST(MetricMath, NamesEachMetricOnce) {
  const auto math = MetricMath::parse("a + b{x=1} + a");

  ASSERT_TRUE(math);
  ASSERT_EQ(math->names().size(), 2);
  EXPECT_EQ(to_string(math->names()[1]), "b{x=1}");
}

TEST(MetricMath, SaysWhereItIsWrong) {
  EXPECT_EQ(error(""), "column 1: a number, a metric or a function is missing");
  EXPECT_EQ(error("a +"), "column 4: a number, a metric or a function is missing");
  EXPECT_EQ(error("a b"), "column 3: 'b' is not expected");
  EXPECT_EQ(error("(a"), "column 3: ')' is missing");
  EXPECT_EQ(error("a{x=1"), "column 2: '}' is missing");
  EXPECT_EQ(error("a % b"), "column 3: '%' is not expected");
  EXPECT_EQ(error("avg_over(a)"), "column 11: a time such as 60s is missing");
  EXPECT_EQ(error("avg_over(a, 60)"), "column 15: a time has a unit: 60s, 5m");
  EXPECT_EQ(error("avg_over(a, 2h)"),
            "column 15: a time is a whole number of seconds, up to an hour");
  EXPECT_EQ(error("avg_over(max_over(a, 1s), 1s)"),
            "column 19: a function over a time stands inside another");
  EXPECT_EQ(error("percentile(101, a)"), "column 15: a percentile is from 0 to 100");
  EXPECT_TRUE(error("mean(a)").starts_with("column 1: there is no function 'mean'; there are sum"));
  EXPECT_EQ(error(std::string(100, '(')), "column 33: is nested more than 32 deep");
}

TEST(MetricName, HasOneWayToBeWritten) {
  const auto name = parse_metric_name(" custom.q { zone = b, model=a } ");

  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(to_string(*name), "custom.q{model=a,zone=b}");
  EXPECT_EQ(parse_metric_name(to_string(*name)), *name);
}

TEST(MetricName, SaysWhatIsWrong) {
  const auto wrong = [](std::string_view text) { return parse_metric_name(text).error().message; };

  EXPECT_EQ(wrong("1a"), "'1a' is no name of a metric");
  EXPECT_EQ(wrong("a{x=1"), "has a '{' and does not end with '}'");
  EXPECT_EQ(wrong("a{}"), "'' is no dimension=value");
  EXPECT_EQ(wrong("a{x=1,x=2}"), "dimension x is there twice");
  EXPECT_EQ(wrong("a{x=}"), "dimension x has no good value");
  EXPECT_EQ(wrong("a{x-y=1}"), "'x-y' is no dimension");
}

}  // namespace
}  // namespace weir
