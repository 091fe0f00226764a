#include "base/scope.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

namespace weir {
namespace {

std::deque<std::coroutine_handle<>> ready;

struct Yield {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { ready.push_back(h); }
  void await_resume() {}
};

void step() {
  auto h = ready.front();
  ready.pop_front();
  h.resume();
}

Task<> count_after(int rounds, int& counter) {
  for (int i = 0; i < rounds; ++i) co_await Yield{};
  ++counter;
}

Task<> own(std::shared_ptr<int> owned) {
  co_await Yield{};
  *owned = 1;
}

TEST(Scope, StartsATaskAtOnce) {
  Scope scope;
  int counter = 0;

  scope.spawn(count_after(0, counter));

  EXPECT_EQ(counter, 1);
  EXPECT_EQ(scope.running(), 0u);
}

TEST(Scope, ClosesAtOnceWhenNothingRuns) {
  Scope scope;

  auto closing = scope.close();
  closing.start();

  EXPECT_TRUE(closing.done());
}

TEST(Scope, ClosesOnlyAfterTheLastTask) {
  Scope scope;
  int counter = 0;
  scope.spawn(count_after(1, counter));
  scope.spawn(count_after(2, counter));

  auto closing = scope.close();
  closing.start();
  step();
  step();

  EXPECT_EQ(counter, 1);
  EXPECT_FALSE(closing.done());
  step();
  EXPECT_EQ(counter, 2);
  EXPECT_TRUE(closing.done());
}

TEST(Scope, FreesEachFrameAtItsEnd) {
  Scope scope;
  auto owned = std::make_shared<int>(0);
  scope.spawn(own(owned));
  EXPECT_EQ(owned.use_count(), 2);

  step();

  EXPECT_EQ(*owned, 1);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(ScopeDeathTest, RefusesToDieBeforeItsTasks) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto scope = std::make_unique<Scope>();
        auto owned = std::make_shared<int>(0);
        scope->spawn(own(owned));
        scope.reset();
      },
      "check failed: running_ == 0");
}

}  // namespace
}  // namespace weir
