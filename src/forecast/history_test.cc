#include "forecast/history.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::forecast {
namespace {

TEST(History, CountsStepsOfADay) {
  EXPECT_EQ(History(1min).day(), 1440u);
  EXPECT_EQ(History(1min).week(), 10080u);
  EXPECT_EQ(History(10min).hour(), 6u);
  EXPECT_EQ(History(1h).hour(), 1u);
}

TEST(History, BeginsWithTheFirstValue) {
  History history(1h);
  history.add(std::nullopt);
  EXPECT_EQ(history.size(), 0u);
  EXPECT_FALSE(history.has(0));

  history.add(3);
  history.add(4);
  EXPECT_EQ(history.size(), 2u);
  EXPECT_EQ(history.ago(0), 4);
  EXPECT_EQ(history.ago(1), 3);
  EXPECT_FALSE(history.has(2));
}

TEST(History, KeepsEightDays) {
  History history(1h);
  for (int hour = 0; hour < 1000; ++hour) history.add(hour);

  EXPECT_TRUE(history.has(8 * 24 - 1));
  EXPECT_FALSE(history.has(8 * 24));
  EXPECT_EQ(history.ago(8 * 24 - 1), 1000 - 8 * 24);
}

TEST(History, FillsAGapWithTheDayBefore) {
  History history(1h);
  for (int hour = 0; hour < 30; ++hour) history.add(hour);
  history.add(std::nullopt);

  EXPECT_TRUE(history.gap());
  EXPECT_EQ(history.size(), 31u);
  EXPECT_EQ(history.ago(0), 30 - 24);
}

TEST(History, FillsAGapOfTheFirstDayWithTheLastValue) {
  History history(1h);
  history.add(5);
  history.add(std::nullopt);
  EXPECT_EQ(history.ago(0), 5);

  history.add(6);
  EXPECT_FALSE(history.gap());
  EXPECT_EQ(history.ago(0), 6);
}

TEST(History, TakesWhatIsNoLoadForAGap) {
  History history(1h);
  history.add(5);
  for (const double value : {-1.0, double{NAN}, double{INFINITY}}) {
    history.add(value);
    EXPECT_TRUE(history.gap());
    EXPECT_EQ(history.ago(0), 5);
  }
}

}  // namespace
}  // namespace weir::forecast
