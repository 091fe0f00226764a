#include "scale/alarm_board.h"

#include <gtest/gtest.h>

#include <map>

namespace weir::scale {
namespace {

class Board : public ::testing::Test {
 protected:
  Board() {
    high_.alarm.metric = "in_flight{target_group=ocr}";
    high_.alarm.threshold = 10;
    high_.alarm.period = 10s;
    high_.on_alarm = {{"ocr", "add", ""}, {"", "", "ops"}};
    high_.on_ok = {{"", "", "ops"}};
    update();
  }
  void update() { board_.update({{"high", high_}}, clock_.wall()); }
  std::vector<AlarmChange> step() {
    return board_.step(clock_.now(), clock_.wall(), [this](const Alarm&, std::size_t count) {
      ++asked_;
      std::vector<std::optional<double>> points(count);
      points.back() = value_;
      return points;
    });
  }
  // The changes of the next seconds.
  std::vector<AlarmChange> steps(int seconds) {
    std::vector<AlarmChange> all;
    for (int s = 0; s < seconds; ++s) {
      clock_.advance(1s);
      for (auto& change : step()) all.push_back(std::move(change));
    }
    return all;
  }

  ManualClock clock_;
  AlarmResource high_;
  AlarmBoard board_;
  std::optional<double> value_;
  int asked_ = 0;
};

TEST_F(Board, JudgesOnceAPeriod) {
  step();
  EXPECT_EQ(asked_, 1);

  steps(30);

  EXPECT_EQ(asked_, 4);
}

TEST_F(Board, TellsEachChangeOnceWithItsReason) {
  EXPECT_TRUE(step().empty());  // insufficient data, as it was
  value_ = 12;

  const auto changes = steps(25);

  ASSERT_EQ(changes.size(), 1);
  EXPECT_EQ(changes[0].alarm, "high");
  EXPECT_EQ(changes[0].from, AlarmState::insufficient_data);
  EXPECT_EQ(changes[0].to, AlarmState::alarm);
  EXPECT_NE(changes[0].reason.find("12"), std::string::npos) << changes[0].reason;
  EXPECT_EQ(board_.find("high")->state, AlarmState::alarm);
  EXPECT_EQ(board_.find("high")->since, changes[0].at);
  EXPECT_EQ(board_.find("high")->newest, 12);
}

TEST_F(Board, HasTheActionsOfTheNewState) {
  value_ = 12;
  const auto alarm = steps(10);
  value_ = 8;
  const auto ok = steps(10);

  ASSERT_EQ(alarm.size() + ok.size(), 2);
  EXPECT_EQ(board_.actions(alarm[0]).size(), 2);
  EXPECT_EQ(board_.actions(ok[0]), high_.on_ok);
}

TEST_F(Board, RunsAPolicyForAsLongAsTheStateLasts) {
  value_ = 12;
  steps(10);
  const auto runs = board_.runs("ocr");
  ASSERT_EQ(runs.size(), 1);
  EXPECT_EQ(runs[0].policy, "add");
  EXPECT_EQ(runs[0].distance, 2);
  EXPECT_EQ(runs[0].period, 10s);
  EXPECT_TRUE(runs[0].reason.starts_with("alarm high was in state ALARM (")) << runs[0].reason;
  EXPECT_TRUE(board_.runs("other").empty());

  value_ = 8;
  steps(10);

  EXPECT_TRUE(board_.runs("ocr").empty());
}

TEST_F(Board, DoesNothingWhereActionsAreNotEnabled) {
  high_.actions_enabled = false;
  update();
  value_ = 12;

  const auto changes = steps(10);

  ASSERT_EQ(changes.size(), 1);
  EXPECT_TRUE(board_.actions(changes[0]).empty());
  EXPECT_TRUE(board_.runs("ocr").empty());
}

TEST_F(Board, KeepsAStateSetByHandUntilTheNextEvaluation) {
  value_ = 8;
  steps(10);

  const auto set = board_.set("high", AlarmState::alarm, "a rehearsal", clock_.wall());

  ASSERT_TRUE(set);
  EXPECT_TRUE(set->by_hand);
  EXPECT_EQ(board_.actions(*set).size(), 2);
  EXPECT_EQ(board_.find("high")->reason, "a rehearsal");
  const auto changes = steps(10);
  ASSERT_EQ(changes.size(), 1);
  EXPECT_EQ(changes[0].to, AlarmState::ok);
  EXPECT_EQ(board_.set("low", AlarmState::ok, "", clock_.wall()).error().code, Code::not_found);
}

TEST_F(Board, KeepsTheLastChangesNewestFirst) {
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(board_.set("high", AlarmState::alarm, std::to_string(i), clock_.wall()));
  }

  const auto& history = board_.find("high")->history;
  EXPECT_EQ(history.size(), AlarmBoard::kHistory);
  EXPECT_EQ(history.front().reason, "119");
}

TEST_F(Board, GoesOnFromWhatAnEarlierProcessKnew) {
  const WallTime then = clock_.wall() - 5min;
  board_.restore("high", AlarmState::alarm, then, "threshold crossed", {}, clock_.now());
  value_ = 12;

  EXPECT_TRUE(steps(20).empty());
  EXPECT_EQ(board_.find("high")->since, then);
  EXPECT_EQ(board_.runs("ocr").size(), 1);
}

TEST_F(Board, KeepsAStateOverARestartUntilItCanKnowBetter) {
  high_.alarm.evaluation_periods = 3;
  update();
  board_.restore("high", AlarmState::alarm, clock_.wall(), "threshold crossed", {}, clock_.now());

  EXPECT_TRUE(steps(39).empty());
  EXPECT_EQ(board_.find("high")->state, AlarmState::alarm);

  EXPECT_EQ(steps(10).size(), 1);
  EXPECT_EQ(board_.find("high")->state, AlarmState::insufficient_data);
}

TEST_F(Board, AnUpdateKeepsStatesAndJudgesWhatHasChangedAtOnce) {
  value_ = 12;
  steps(10);
  high_.alarm.threshold = 20;

  update();
  const auto changes = step();

  ASSERT_EQ(changes.size(), 1);
  EXPECT_EQ(changes[0].to, AlarmState::ok);
  board_.update({}, clock_.wall());
  EXPECT_EQ(board_.find("high"), nullptr);
}

TEST(AlarmState, IsWrittenAsCloudWatchDoes) {
  EXPECT_EQ(parse_state_word("INSUFFICIENT_DATA"), AlarmState::insufficient_data);
  EXPECT_EQ(parse_state_word(state_word(AlarmState::alarm)), AlarmState::alarm);
  EXPECT_EQ(parse_state_word("alarm"), std::nullopt);
}

}  // namespace
}  // namespace weir::scale
