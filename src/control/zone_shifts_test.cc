#include "control/zone_shifts.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

const WallTime kNow{std::chrono::hours(500'000)};

TEST(ZoneShifts, EndByThemselves) {
  ZoneShifts shifts;
  shifts.shift("a", kNow + 1h);
  shifts.shift("b", kNow + 2h);

  EXPECT_TRUE(shifts.expire(kNow).empty());
  EXPECT_EQ(shifts.expire(kNow + 1h), std::vector<std::string>{"a"});

  EXPECT_FALSE(shifts.until("a"));
  EXPECT_EQ(shifts.until("b"), kNow + 2h);
}

TEST(ZoneShifts, AreReplacedAndCancelled) {
  ZoneShifts shifts;
  shifts.shift("a", kNow + 1h);
  shifts.shift("a", kNow + 5h);
  EXPECT_EQ(shifts.until("a"), kNow + 5h);

  EXPECT_TRUE(shifts.cancel("a"));
  EXPECT_FALSE(shifts.cancel("a"));
  EXPECT_TRUE(shifts.all().empty());
}

TEST(ZoneShifts, SurviveAsText) {
  EXPECT_EQ(ZoneShifts::from_text(ZoneShifts::to_text(kNow)), kNow);
  for (const char* wrong :
       {"", "{}", "{\"until_ms\":}", "{\"until_ms\":12", "{\"until_ms\":12}x"}) {
    EXPECT_FALSE(ZoneShifts::from_text(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace weir::control
