#include "proxy/held_body.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

TEST(HeldBody, KeepsWhatArrives) {
  BodyBudget budget;
  HeldBody body(budget, 10);

  body.append("abc");
  body.append("def");

  EXPECT_TRUE(body.whole());
  EXPECT_EQ(body.bytes(), "abcdef");
  EXPECT_EQ(budget.used, 6u);
}

TEST(HeldBody, LetsAllGoPastItsLimit) {
  BodyBudget budget;
  HeldBody body(budget, 5);
  body.append("abc");

  body.append("def");

  EXPECT_FALSE(body.whole());
  EXPECT_EQ(body.bytes(), "");
  EXPECT_EQ(budget.used, 0u);
}

TEST(HeldBody, KeepsNothingMoreOnceLetGo) {
  BodyBudget budget;
  HeldBody body(budget, 5);
  body.append("abc");

  body.let_go();
  body.append("d");

  EXPECT_FALSE(body.whole());
  EXPECT_EQ(body.bytes(), "");
}

TEST(HeldBody, KeepsTheFirstPieceForOneSendWhateverTheLimit) {
  BodyBudget budget;
  HeldBody body(budget, 2);

  body.append("abc");

  EXPECT_FALSE(body.whole());
  EXPECT_EQ(body.bytes(), "abc");
}

TEST(HeldBody, MovesNoByteOfABodyWhoseLengthIsKnown) {
  BodyBudget budget;
  HeldBody body(budget, 100'000);

  body.expect(100'000);
  body.append("a");
  const char* const first = body.bytes().data();
  body.append(std::string(99'999, 'b'));

  EXPECT_EQ(body.bytes().data(), first);
  EXPECT_EQ(body.bytes().size(), 100'000u);
  EXPECT_EQ(budget.used, 100'000u);
}

TEST(HeldBody, SetsNothingAsideForWhatDoesNotFit) {
  BodyBudget budget;
  HeldBody body(budget, 100);

  body.expect(1ull << 40);
  body.append("abc");

  EXPECT_EQ(body.bytes(), "abc");
}

TEST(HeldBody, IsWholeWithoutABody) {
  BodyBudget budget;
  const HeldBody body(budget, 0);

  EXPECT_TRUE(body.whole());
}

TEST(HeldBody, IsNotHeldBeyondWhatAllMayHoldTogether) {
  BodyBudget budget;
  budget.most = 8;
  HeldBody first(budget, 10);
  first.append("abcdef");

  HeldBody second(budget, 10);
  second.append("gh");
  second.append("i");

  EXPECT_TRUE(first.whole());
  EXPECT_FALSE(second.whole());
  EXPECT_EQ(second.bytes(), "");
  EXPECT_EQ(budget.used, 6u);
}

TEST(HeldBody, GivesItsShareBackAtItsEnd) {
  BodyBudget budget;
  {
    HeldBody body(budget, 10);
    body.append("abc");
  }

  EXPECT_EQ(budget.used, 0u);
}

}  // namespace
}  // namespace weir::proxy
