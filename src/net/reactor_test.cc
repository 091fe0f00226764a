#include "net/reactor.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "net/background.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

// A loop whose time stands still until the test moves it.
class ReactorTest : public testing::Test {
 protected:
  ReactorTest() : reactor(clock) {}
  void turns(int n = 4) {
    for (int i = 0; i < n; ++i) reactor.turn(reactor.now());
  }
  void pass(Duration d) {
    clock.advance(d);
    turns();
  }
  ManualClock clock;
  Reactor reactor;
  Scope scope;
};

Task<> sleep_until(Reactor& reactor, Deadline deadline, std::optional<Io>& result) {
  result = co_await sleep(reactor, deadline);
}

Task<> wait_for(Signal& signal, Deadline deadline, std::optional<Io>& result) {
  result = co_await signal.wait(deadline);
}

TEST_F(ReactorTest, SleepsUntilItsTime) {
  std::optional<Io> result;
  scope.spawn(sleep_until(reactor, reactor.now() + 100ms, result));
  pass(99ms);
  EXPECT_FALSE(result);
  pass(2ms);
  EXPECT_EQ(result, Io::timeout);
}

TEST_F(ReactorTest, DoesNotSleepTowardsThePast) {
  std::optional<Io> result;
  scope.spawn(sleep_until(reactor, reactor.now(), result));

  EXPECT_EQ(result, Io::timeout);  // without a turn
}

TEST_F(ReactorTest, WakesFromTheLoopWhenInterrupted) {
  Interrupt interrupt;
  std::optional<Io> result;
  scope.spawn(sleep_until(reactor, Deadline(kNever, &interrupt), result));
  interrupt.raise();
  EXPECT_FALSE(result) << "resumed inside raise()";

  turns(1);

  EXPECT_EQ(result, Io::cancelled);
}

TEST_F(ReactorTest, DoesNotWaitUnderARaisedInterrupt) {
  Interrupt interrupt;
  interrupt.raise();
  std::optional<Io> result;
  scope.spawn(sleep_until(reactor, Deadline(kNever, &interrupt), result));

  EXPECT_EQ(result, Io::cancelled);
}

TEST_F(ReactorTest, InterruptsAllThatWaitAndNoneThatLeft) {
  Interrupt interrupt;
  std::vector<std::optional<Io>> results(5);
  for (std::size_t i = 0; i < results.size(); ++i) {
    scope.spawn(sleep_until(
        reactor, Deadline(reactor.now() + (i % 2 ? Duration(10ms) : Duration(10s)), &interrupt),
        results[i]));
  }
  pass(11ms);
  EXPECT_EQ(results[1], Io::timeout);
  EXPECT_EQ(results[3], Io::timeout);

  interrupt.raise();
  interrupt.raise();
  turns();

  for (const std::size_t i : {0, 2, 4}) EXPECT_EQ(results[i], Io::cancelled);
}

// One woken by an interrupt raises another: that one's waiters run in a later turn, none is lost.
Task<> chain(Reactor& reactor, Interrupt& mine, Interrupt& next, int& count) {
  const Deadline deadline(kNever, &mine);
  co_await sleep(reactor, deadline);
  ++count;
  next.raise();
}

TEST_F(ReactorTest, PassesAnInterruptOnAlongAChain) {
  std::vector<Interrupt> interrupts(50);
  int count = 0;
  for (std::size_t i = 0; i + 1 < interrupts.size(); ++i) {
    scope.spawn(chain(reactor, interrupts[i], interrupts[i + 1], count));
  }
  interrupts[0].raise();

  for (int i = 0; i < 60; ++i) turns(1);

  EXPECT_EQ(count, 49);
}

// Two that wake each other for ever must not keep the loop from its descriptors.
Task<> ping(Reactor& reactor, Signal& mine, Signal& other, Interrupt& stop, int& count) {
  while (!stop.raised()) {
    const Deadline deadline(kNever, &stop);
    const Io woken = co_await mine.wait(deadline);
    if (woken != Io::ok) co_return;
    ++count;
    other.set();
  }
  (void)reactor;
}

TEST_F(ReactorTest, KeepsTurningWhileCoroutinesWakeEachOther) {
  Signal a(reactor), b(reactor);
  Interrupt stop;
  int count = 0;
  scope.spawn(ping(reactor, a, b, stop, count));
  scope.spawn(ping(reactor, b, a, stop, count));
  a.set();

  for (int i = 0; i < 10; ++i) reactor.turn(kNever);  // returns although nothing else happens

  EXPECT_GE(count, 9);
  EXPECT_LE(count, 11);
  stop.raise();
  turns();
}

Task<> destroy_when_woken(Signal& signal, std::optional<Task<>>& victim) {
  co_await signal.wait(kNever);
  victim.reset();  // a coroutine that is ready, but has not run
}

// Whoever is woken while the ready list is walked may take others out of it.
TEST_F(ReactorTest, BoundsATurnWhenWokenOnesLeaveTheReadyList) {
  struct Waiters {
    explicit Waiters(Reactor& r) : first(r), second(r) {}
    Signal first, second;
  };
  auto signals = std::make_unique<Waiters>(reactor);
  std::optional<Task<>> second_task;
  std::optional<Io> second;
  scope.spawn(destroy_when_woken(signals->first, second_task));
  second_task.emplace(wait_for(signals->second, kNever, second));
  second_task->start();
  signals->first.set();
  signals->second.set();

  turns();

  EXPECT_FALSE(second);
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ReactorTest, SignalsWhoWaitsOrWhoWillWait) {
  Signal signal(reactor);
  std::optional<Io> first, second, third;
  scope.spawn(wait_for(signal, kNever, first));
  signal.set();
  EXPECT_FALSE(first);
  turns();
  EXPECT_EQ(first, Io::ok);
  signal.set();
  signal.set();
  scope.spawn(wait_for(signal, kNever, second));
  EXPECT_EQ(second, Io::ok);
  scope.spawn(wait_for(signal, reactor.now() + 10ms, third));
  turns();
  EXPECT_FALSE(third) << "two sets count as one";
  pass(11ms);
  EXPECT_EQ(third, Io::timeout);
}

TEST_F(ReactorTest, KeepsASignalThatComesAfterATimeout) {
  Signal signal(reactor);
  std::optional<Io> first, second;
  scope.spawn(wait_for(signal, reactor.now() + 10ms, first));
  pass(11ms);
  signal.set();
  scope.spawn(wait_for(signal, kNever, second));

  EXPECT_EQ(first, Io::timeout);
  EXPECT_EQ(second, Io::ok);
}

TEST_F(ReactorTest, LetsASignalDieBetweenItsSetAndTheWaiter) {
  auto signal = std::make_unique<Signal>(reactor);
  std::optional<Io> result;
  scope.spawn(wait_for(*signal, kNever, result));
  signal->set();
  signal.reset();

  turns();

  EXPECT_EQ(result, Io::ok);
}

TEST_F(ReactorTest, ForgetsAWaiterThatWasDestroyed) {
  Signal signal(reactor);
  std::optional<Io> result;
  {
    Task<> task = wait_for(signal, kNever, result);
    task.start();
  }
  signal.set();
  turns();

  EXPECT_FALSE(result);
  scope.spawn(wait_for(signal, kNever, result));
  EXPECT_EQ(result, Io::ok);
}

TEST_F(ReactorTest, ForgetsASleeperThatWasDestroyed) {
  Interrupt interrupt;
  std::optional<Io> waiting, ready;
  {
    Task<> one = sleep_until(reactor, Deadline(reactor.now() + 10ms, &interrupt), waiting);
    one.start();
  }
  {
    Interrupt other;
    Task<> two = sleep_until(reactor, Deadline(reactor.now() + 10ms, &other), ready);
    two.start();
    other.raise();  // in the ready list now
  }
  interrupt.raise();
  pass(20ms);

  EXPECT_FALSE(waiting);
  EXPECT_FALSE(ready);
}

TEST_F(ReactorTest, RunsDeferredWorkAtTheEndOfTheTurn) {
  std::vector<int> order;
  reactor.defer([&] {
    order.push_back(2);
    reactor.defer([&] { order.push_back(3); });
  });
  order.push_back(1);

  turns(1);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  reactor.turn(kNever);  // does not sleep while work is left
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(ReactorTest, KnowsItselfWhileItRuns) {
  Reactor* inside = nullptr;
  reactor.defer([&] { inside = Reactor::current(); });
  EXPECT_EQ(Reactor::current(), nullptr);
  turns(1);
  EXPECT_EQ(inside, &reactor);
  EXPECT_EQ(Reactor::current(), nullptr);
}

TEST_F(ReactorTest, WatchesADescriptorUntilItIsDropped) {
  const Fd event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  int seen = 0;
  Owned<Watch> mine;
  mine = watch(reactor, event.get(), EPOLLIN, [&](std::uint32_t) {
    if (++seen == 3) mine.reset();  // inside its own callback
  });
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(event.get(), &one, sizeof one), 8);

  turns(10);

  EXPECT_EQ(seen, 3);
}

// Two descriptors are ready in one turn; the first one's callback drops the second one's watch.
TEST_F(ReactorTest, TellsNothingToAWatchThatWasDroppedInTheSameTurn) {
  const Fd a(::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)), b(::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
  int seen = 0;
  Owned<Watch> first, second;
  first = watch(reactor, a.get(), EPOLLIN, [&](std::uint32_t) {
    ++seen;
    second.reset();
  });
  second = watch(reactor, b.get(), EPOLLIN, [&](std::uint32_t) {
    ++seen;
    first.reset();
  });

  turns(1);

  EXPECT_EQ(seen, 1);
  EXPECT_NE(static_cast<bool>(first), static_cast<bool>(second));
}

TEST(Reactor, RunsMessagesOfOtherThreadsInOrderAndStops) {
  Reactor reactor(system_clock());
  std::vector<std::pair<int, int>> got;
  std::vector<std::jthread> threads;
  std::atomic<int> left{4};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) reactor.post([&got, t, i] { got.emplace_back(t, i); });
      if (--left == 0) reactor.stop();
    });
  }
  reactor.run();
  threads.clear();
  reactor.turn(reactor.now());

  ASSERT_EQ(got.size(), 8000u);
  int next[4] = {};
  for (const auto& [t, i] : got) EXPECT_EQ(i, next[t]++);
}

TEST(Reactor, SleepsUntilATimerWithTheRealClock) {
  Reactor reactor(system_clock());
  const Time begin = system_clock().now();
  reactor.turn(begin + 20ms);

  EXPECT_GE(system_clock().now(), begin + 20ms);
}

TEST(Reactor, MayPostToItself) {
  Reactor reactor(system_clock());
  int count = 0;
  std::function<void()> again = [&] {
    if (++count < 10) {
      reactor.post(again);
    } else {
      reactor.stop();
    }
  };
  reactor.post(again);

  reactor.run();

  EXPECT_EQ(count, 10);
}

Task<> work(Background& background, Reactor& reactor, std::vector<int>& got, int i) {
  std::function<int()> task = [i] { return i * i; };
  const int result = co_await background.run<int>(reactor, task);
  got.push_back(result);
}

TEST(Background, GivesResultsBackOnTheLoopInOrder) {
  TestLoop loop;
  Background background;
  std::vector<int> got;
  for (int i = 0; i < 50; ++i) loop.scope.spawn(work(background, loop.reactor, got, i));

  EXPECT_TRUE(loop.until([&] { return got.size() == 50; }));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i * i);
}

TEST(Background, FinishesWhatItWasGiven) {
  std::atomic<int> done{0};
  {
    Background background;
    for (int i = 0; i < 100; ++i) background.post([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace weir::net
