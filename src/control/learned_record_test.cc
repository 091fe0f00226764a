#include "control/learned_record.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

TEST(LearnedRecord, GivesBackWhatWasKeptWithSixDigits) {
  LearnedRecord record;
  record.at = WallTime(1'700'000'000s);
  record.policies = {{{"capacity", {0.2, 9.87654321, 0}}, {"late", {1e-9, 123456789}}}, {}};

  const LearnedRecord back = learned_of(text_of(record));

  EXPECT_EQ(back.at, record.at);
  ASSERT_EQ(back.policies.size(), 2u);
  EXPECT_DOUBLE_EQ(back.policies[0].at("capacity")[0], 0.2);
  EXPECT_DOUBLE_EQ(back.policies[0].at("capacity")[1], 9.87654);
  EXPECT_DOUBLE_EQ(back.policies[0].at("late")[0], 1e-9);
  EXPECT_DOUBLE_EQ(back.policies[0].at("late")[1], 123457000);
  EXPECT_TRUE(back.policies[1].empty());
}

TEST(LearnedRecord, OfWhatCannotBeReadIsEmpty) {
  for (const char* text : {"", "nonsense", "[]", "{}", R"({"at": "x", "policies": 3})",
                           R"({"policies": [1, "x", null]})"}) {
    const LearnedRecord record = learned_of(text);
    EXPECT_EQ(record.at, WallTime()) << text;
    EXPECT_TRUE(record.policies.empty()) << text;
  }
  EXPECT_TRUE(
      learned_of(R"({"policies": [{"a": ["x", null], "b": 4}]})").policies[0].at("a").empty());
}

}  // namespace
}  // namespace weir::control
