#include "scale/alarm.h"

#include <gtest/gtest.h>
#include <limits>

namespace weir::scale {
namespace {

using enum AlarmState;
using Datapoints = std::vector<std::optional<double>>;

// The guide's signs: 0 does not breach, X does, - is missing; the newest last.
Datapoints datapoints(std::string_view signs) {
  Datapoints out;
  for (const char sign : signs) {
    if (sign == ' ') continue;
    out.push_back(sign == '-' ? std::nullopt : std::optional<double>(sign == 'X' ? 90 : 10));
  }
  return out;
}

Alarm of(std::uint32_t needed, std::uint32_t periods, MissingData missing = MissingData::missing) {
  Alarm options;
  options.metric = "cpu_percent";
  options.period = 300s;
  options.evaluation_periods = periods;
  options.datapoints_to_alarm = needed;
  options.threshold = 50;
  options.missing_data = missing;
  return options;
}

AlarmState judge(const Alarm& options, std::string_view signs, AlarmState before = ok) {
  return evaluate(options, datapoints(signs), before).state;
}

// A row of the guide's tables; nothing: "Retain current state".
struct Row {
  std::string_view signs;
  AlarmState missing;
  std::optional<AlarmState> ignore;
  AlarmState breaching;
  AlarmState not_breaching;
};

void expect(std::uint32_t needed, std::span<const Row> rows) {
  for (const Row& row : rows) {
    for (const AlarmState before : {ok, alarm, insufficient_data}) {
      const auto state = [&](MissingData m) { return judge(of(needed, 3, m), row.signs, before); };
      EXPECT_EQ(state(MissingData::missing), row.missing) << row.signs;
      EXPECT_EQ(state(MissingData::ignore), row.ignore.value_or(before)) << row.signs;
      EXPECT_EQ(state(MissingData::breaching), row.breaching) << row.signs;
      EXPECT_EQ(state(MissingData::not_breaching), row.not_breaching) << row.signs;
    }
  }
}

constexpr auto kRetain = std::nullopt;

TEST(AlarmTables, AreTheGuidesFor3OutOf3) {
  const Row rows[] = {
      {"0 - X - X", ok, ok, ok, ok},
      {"0 - - - -", ok, ok, ok, ok},
      {"- - - - -", insufficient_data, kRetain, alarm, ok},
      {"0 X X - X", alarm, alarm, alarm, alarm},
      {"- - X - -", alarm, kRetain, alarm, ok},
  };
  expect(3, rows);
}

TEST(AlarmTables, AreTheGuidesFor2OutOf3) {
  const Row rows[] = {
      {"0 - X - X", alarm, alarm, alarm, alarm}, {"0 0 X 0 X", alarm, alarm, alarm, alarm},
      {"0 - X - -", ok, ok, alarm, ok},          {"- - - - 0", ok, ok, alarm, ok},
      {"- - - X -", alarm, kRetain, alarm, ok},
  };
  expect(2, rows);
}

TEST(AlarmTables, AreTheGuidesOf2018And2019) {
  const Row three[] = {
      {"- - - - X", insufficient_data, kRetain, alarm, ok},
      {"X - - - -", alarm, kRetain, alarm, ok},
  };
  expect(3, three);
  const Row two[] = {{"- - - - X", insufficient_data, kRetain, alarm, ok}};
  expect(2, two);
}

TEST(AlarmTables, AvoidPrematureAlarmsAsTheGuideTells) {
  EXPECT_NE(judge(of(3, 3), "- - - - X"), alarm);
  EXPECT_NE(judge(of(3, 3), "- - - X -"), alarm);
  EXPECT_EQ(judge(of(3, 3), "- - - X 0"), ok);
  EXPECT_EQ(judge(of(3, 3), "- - X - 0"), ok);
  EXPECT_EQ(judge(of(3, 3), "- - X - -"), alarm);
}

TEST(AlarmTables, FollowTheGuidesFigure) {
  // Above the threshold in the periods 3 to 5, and for one period only in the ninth.
  const Datapoints all = datapoints("0 0 X X X 0 0 0 X 0 0");
  std::string seen;
  AlarmState state = ok;
  for (std::size_t n = 1; n <= all.size(); ++n) {
    state = evaluate(of(3, 3), std::span(all).first(n), state).state;
    seen += state == alarm ? 'A' : '.';
  }
  EXPECT_EQ(seen, "....A......");
}

TEST(Alarm, LooksBackTwoPeriodsMoreThanItEvaluates) {
  EXPECT_EQ(evaluation_range(of(3, 3)), 5u);
  EXPECT_EQ(judge(of(1, 1), "X - -"), alarm);
  EXPECT_EQ(judge(of(1, 1), "X - - -"), insufficient_data);
}

TEST(Alarm, DoesNotReadBeyondTheEvaluationRange) {
  EXPECT_EQ(judge(of(3, 3), "0 0 0 - - - - -"), insufficient_data);
  EXPECT_EQ(judge(of(3, 3), "0 0 X - X - X"), alarm);
}

TEST(Alarm, TakesPeriodsThatLackForMissing) {
  EXPECT_EQ(judge(of(3, 3), ""), insufficient_data);
  EXPECT_EQ(judge(of(3, 3), "0"), ok);
  EXPECT_EQ(judge(of(3, 3), "X X"), insufficient_data);
  EXPECT_EQ(judge(of(3, 3, MissingData::breaching), "X X"), alarm);
}

TEST(Alarm, NeedsDatapointsInAnyOrder) {
  EXPECT_EQ(judge(of(2, 4), "X 0 0 X"), alarm);
  EXPECT_EQ(judge(of(2, 4), "X 0 0 0 X"), ok);
  EXPECT_EQ(judge(of(2, 3), "- - - X X"), alarm);
}

TEST(Alarm, NeedsAllPeriodsByDefault) {
  Alarm options = of(1, 2);
  options.datapoints_to_alarm.reset();
  EXPECT_EQ(judge(options, "0 X"), ok);
  EXPECT_EQ(judge(options, "X X"), alarm);
}

TEST(Alarm, ComparesAtTheThresholdAsAsked) {
  const auto at = [](Comparison comparison, double value) {
    Alarm options = of(1, 1);
    options.comparison = comparison;
    return evaluate(options, Datapoints{value}, ok).state == alarm;
  };
  using enum Comparison;
  EXPECT_TRUE(at(greater_or_equal, 50) && at(greater_or_equal, 51) && !at(greater_or_equal, 49));
  EXPECT_TRUE(!at(greater, 50) && at(greater, 51) && !at(greater, 49));
  EXPECT_TRUE(!at(less, 50) && !at(less, 51) && at(less, 49));
  EXPECT_TRUE(at(less_or_equal, 50) && !at(less_or_equal, 51) && at(less_or_equal, 49));
}

TEST(Alarm, TakesWhatIsNoNumberForMissing) {
  const Datapoints bad = {std::numeric_limits<double>::quiet_NaN(),
                          std::numeric_limits<double>::infinity()};
  EXPECT_EQ(evaluate(of(1, 1), bad, ok).state, insufficient_data);
}

TEST(AlarmReason, NamesTheBreachingDatapointsNewestFirst) {
  Alarm options = of(3, 3);
  options.comparison = Comparison::greater_or_equal;
  options.threshold = 1;
  const WallTime newest(1'638'800'400s);  // 6 December 2021, 14:20

  EXPECT_EQ(evaluate(options, Datapoints{1.0, 2.5, 1.0}, ok, newest).reason,
            "Threshold Crossed: 3 out of the last 3 datapoints [1.0 (06/12/21 14:20:00), 2.5 "
            "(06/12/21 14:15:00), 1.0 (06/12/21 14:10:00)] were greater than or equal to the "
            "threshold (1.0) (minimum 3 datapoints for OK -> ALARM transition).");
}

TEST(AlarmReason, NamesThoseThatDoNotBreachWhenItIsOk) {
  EXPECT_EQ(evaluate(of(3, 5), Datapoints{60.0, 0.0, 70.0, 0.25, 1e20}, alarm).reason,
            "Threshold Crossed: 3 out of the last 5 datapoints [1e+20, 70.0, 60.0] were greater "
            "than the threshold (50.0) (minimum 3 datapoints for OK -> ALARM transition).");
  EXPECT_EQ(evaluate(of(3, 5), Datapoints{60.0, 0.0, 0.5, 0.25, 70.0}, alarm).reason,
            "Threshold Crossed: 3 out of the last 5 datapoints [0.25, 0.5, 0.0] were not greater "
            "than the threshold (50.0) (minimum 3 datapoints for ALARM -> OK transition).");
  EXPECT_EQ(evaluate(of(1, 1), Datapoints{48.0}, alarm).reason,
            "Threshold Crossed: 1 out of the last 1 datapoints [48.0] was not greater than the "
            "threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).");
}

TEST(AlarmReason, SaysWhatMissingDatapointsCountedAs) {
  const auto reason = [](const Alarm& options, std::string_view signs) {
    return evaluate(options, datapoints(signs), ok).reason;
  };
  EXPECT_EQ(reason(of(3, 3, MissingData::breaching), ""),
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints "
            "were treated as [Breaching].");
  EXPECT_EQ(reason(of(1, 1, MissingData::not_breaching), "-"),
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint "
            "was treated as [NonBreaching].");
  EXPECT_EQ(reason(of(1, 20, MissingData::not_breaching), "X"),
            "Threshold Crossed: 1 out of the last 20 datapoints [90.0] was greater than the "
            "threshold (50.0) and 19 missing datapoints were treated as [NonBreaching] (minimum 1 "
            "datapoint for OK -> ALARM transition).");
  EXPECT_EQ(reason(of(2, 3, MissingData::breaching), "0 - -"),
            "Threshold Crossed: 0 out of the last 3 datapoints were greater than the threshold "
            "(50.0) and 2 missing datapoints were treated as [Breaching] (minimum 2 datapoints for "
            "OK -> ALARM transition).");
}

TEST(AlarmReason, CountsWhatIsUnknown) {
  EXPECT_EQ(evaluate(of(5, 5), {}, ok).reason, "Insufficient Data: 5 datapoints were unknown.");
  EXPECT_EQ(evaluate(of(1, 1), {}, ok).reason, "Insufficient Data: 1 datapoint was unknown.");
  EXPECT_EQ(evaluate(of(3, 3, MissingData::ignore), datapoints("X"), alarm).reason,
            "Insufficient Data: 2 datapoints were unknown.");
}

TEST(AlarmMistakes, ComeAllAtOnce) {
  EXPECT_TRUE(mistakes(of(2, 3)).empty());
  Alarm options = of(4, 3);
  options.metric.clear();
  options.percentile = 101;
  options.period = 1500ms;
  options.threshold = std::numeric_limits<double>::infinity();

  EXPECT_EQ(mistakes(options),
            std::vector<std::string>(
                {"metric: is empty; name one", "percentile: 101 is none; write 0 to 100",
                 "period: 1s500ms is no whole number of seconds; write at least 1s",
                 "datapoints_to_alarm: 4 is not within evaluation_periods; write 1 to 3",
                 "threshold: inf is no number; write one"}));
  options.evaluation_periods = 0;
  EXPECT_EQ(mistakes(options)[3], "evaluation_periods: is 0; write at least 1");
}

}  // namespace
}  // namespace weir::scale
