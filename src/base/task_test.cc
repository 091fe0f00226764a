#include "base/task.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "base/result.h"

namespace weir {
namespace {

std::deque<std::coroutine_handle<>> ready;

struct Yield {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { ready.push_back(h); }
  void await_resume() {}
};

void drain() {
  while (!ready.empty()) {
    auto h = ready.front();
    ready.pop_front();
    h.resume();
  }
}

Task<Result<int>> half(int n) {
  if (n % 3 == 0) co_await Yield{};
  if (n % 2 != 0) co_return fail(Code::invalid, "odd");
  co_return n / 2;
}

Task<Result<int>> quarter(int n) {
  CO_TRY(int h, co_await half(n));
  CO_TRY(int q, co_await half(h));
  co_return q;
}

Task<Result<long>> sum(int n) {
  long total = 0;
  for (int i = 0; i < n; ++i) {
    auto q = co_await quarter(i);
    total += q ? *q : 0;
  }
  co_return total;
}

Task<> mark(bool& flag) {
  flag = true;
  co_return;
}

TEST(Task, DoesNothingBeforeItIsStarted) {
  bool ran = false;

  auto task = mark(ran);

  EXPECT_FALSE(ran);
  task.start();
  EXPECT_TRUE(ran);
}

TEST(Task, CarriesAValueThroughNestedAwaits) {
  auto t = quarter(12);

  t.start();
  drain();

  ASSERT_TRUE(t.done());
  EXPECT_EQ(t.result(), 3);
}

TEST(Task, CarriesAnErrorThroughNestedAwaits) {
  auto t = quarter(6);

  t.start();
  drain();

  ASSERT_TRUE(t.done());
  EXPECT_EQ(t.result().error().message, "odd");
}

TEST(Task, WaitsForWhatItsChildWaitsFor) {
  auto t = half(6);

  t.start();

  EXPECT_FALSE(t.done());
  drain();
  EXPECT_TRUE(t.done());
}

TEST(Task, KeepsTheStackFlatInALongLoop) {
  auto t = sum(1'000'000);

  t.start();
  drain();

  ASSERT_TRUE(t.done());
  EXPECT_EQ(*t.result(), 31'249'875'000);
}

Task<std::unique_ptr<std::string>> make(std::string text) {
  co_await Yield{};
  co_return std::make_unique<std::string>(std::move(text));
}

TEST(Task, MovesAValueThatCannotBeCopied) {
  auto t = make("weir");

  t.start();
  drain();

  ASSERT_TRUE(t.done());
  EXPECT_EQ(*t.result(), "weir");
}

Task<> hold(std::shared_ptr<int> owned) {
  co_await Yield{};
  *owned += 1;
}

TEST(Task, FreesItsFrameWhenDroppedHalfWay) {
  auto owned = std::make_shared<int>(0);
  {
    auto t = hold(owned);
    t.start();
    EXPECT_EQ(owned.use_count(), 2);
    ready.clear();
  }

  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(*owned, 0);
}

Task<std::string> there_already(std::string text) { return text + "!"; }

Task<> await_one_that_is_done(std::string* out) {
  *out = co_await there_already("good");
  co_await Task<>::nothing();
}

TEST(Task, MayBeAResultThatIsThereAlready) {
  std::string out;
  Task<> task = await_one_that_is_done(&out);
  task.start();

  EXPECT_TRUE(task.done());
  EXPECT_EQ(out, "good!");
  EXPECT_TRUE(there_already("x").done());
}

}  // namespace
}  // namespace weir
