#include "control/turns.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/task.h"

namespace weir::control {
namespace {

Task<> take_turn(Turns& turns, std::vector<int>& order, int who) {
  auto turn = turns.take();
  co_await turn;
  order.push_back(who);
}

TEST(Turns, PassInTheOrderOfAsking) {
  Turns turns;
  std::vector<int> order;
  auto first = take_turn(turns, order, 1);
  auto second = take_turn(turns, order, 2);
  auto third = take_turn(turns, order, 3);
  first.start();
  second.start();
  third.start();
  EXPECT_EQ(order, (std::vector<int>{1}));

  turns.pass();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  turns.pass();

  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Turns, AreFreeAgainOnceAllHavePassed) {
  Turns turns;
  std::vector<int> order;
  auto first = take_turn(turns, order, 1);
  first.start();
  turns.pass();

  auto second = take_turn(turns, order, 2);
  second.start();

  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace weir::control
