#include "proxy/room.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "admit/slots.h"
#include "base/random.h"
#include "base/scope.h"
#include "proxy/test_peer.h"

namespace weir::proxy {
namespace {

// ---------------------------------------------------------------- one thread

class RoomTest : public testing::Test {
 protected:
  struct Waiter {
    explicit Waiter(RoomTest& t) : place(t.room, t.reactor) {}
    Room::Place place;
    int turns = 0;
    std::optional<net::Io> end;
    net::Interrupt gone;
  };
  // Counts its turns until it is told to stop.
  static Task<> wait(Waiter& waiter, Time until) {
    const net::Deadline deadline(until, &waiter.gone);
    while (true) {
      const net::Io turn = co_await waiter.place.turn(deadline);
      if (turn != net::Io::ok) {
        waiter.end = turn;
        waiter.place.leave();
        co_return;
      }
      ++waiter.turns;
    }
  }
  std::unique_ptr<Waiter> enter(std::uint64_t bytes = 1, Time until = kNever) {
    auto waiter = std::make_unique<Waiter>(*this);
    if (waiter->place.enter(bytes, limits) != admit::Entry::admitted) return nullptr;
    tasks.spawn(wait(*waiter, until));
    run();
    return waiter;
  }
  void run() {
    for (int i = 0; i < 3; ++i) reactor.turn(reactor.now());
  }

  ManualClock clock;
  net::Reactor reactor{clock};
  std::shared_ptr<GroupLoad> load = std::make_shared<GroupLoad>();
  Room room{load};
  Queue limits;
  Scope tasks;
};

TEST_F(RoomTest, LetsTheFirstTryAtOnceAndTheOthersNot) {
  auto first = enter();
  auto second = enter();

  EXPECT_EQ(first->turns, 1);
  EXPECT_EQ(second->turns, 0);
  EXPECT_EQ(load->waiting, 2u);
  EXPECT_TRUE(first->place.opened_line());
  EXPECT_FALSE(second->place.opened_line());

  for (auto* waiter : {first.get(), second.get()}) waiter->gone.raise();
  run();
  EXPECT_EQ(load->waiting, 0u);
}

TEST_F(RoomTest, LetsTheHeadTryAtEachRelease) {
  auto first = enter();
  auto second = enter();

  room.slot_released();
  run();
  room.wake();
  run();

  EXPECT_EQ(first->turns, 3);
  EXPECT_EQ(second->turns, 0);

  for (auto* waiter : {first.get(), second.get()}) waiter->gone.raise();
  run();
}

TEST_F(RoomTest, PassesTheTurnOnWhenTheHeadLeaves) {
  auto first = enter();
  auto second = enter();
  room.slot_released();

  first->gone.raise();  // before it could try
  run();

  EXPECT_EQ(first->end, net::Io::cancelled);
  EXPECT_EQ(second->turns, 1);

  second->gone.raise();
  run();
}

TEST_F(RoomTest, LeavesTheOthersAloneWhenOneFromTheMiddleLeaves) {
  auto first = enter();
  auto second = enter();
  auto third = enter();

  second->gone.raise();
  run();

  EXPECT_EQ(third->turns, 0);
  EXPECT_EQ(load->waiting, 2u);

  for (auto* waiter : {first.get(), third.get()}) waiter->gone.raise();
  run();
}

TEST_F(RoomTest, TellsWhoHasWaitedTooLong) {
  auto waiter = enter(1, clock.now() + 1s);

  clock.advance(2s);
  run();

  EXPECT_EQ(waiter->end, net::Io::timeout);
  EXPECT_EQ(load->waiting, 0u);
}

TEST_F(RoomTest, IsBoundedByNumberAndBytes) {
  limits.length = 2;
  limits.bytes = Bytes{10};
  auto first = enter(8);

  EXPECT_EQ(enter(3), nullptr);
  auto second = enter(2);
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(enter(0), nullptr);
  EXPECT_EQ(load->waiting, 2u);

  for (auto* waiter : {first.get(), second.get()}) waiter->gone.raise();
  run();
}

// ---------------------------------------------------------------- many threads

// Requests of several threads that share one endpoint's slots: take one, or wait; hold it over a
// few turns of the loop; give it back. Now and then one gives up in line, or the endpoint is out
// of rotation and comes back.
struct Crowd {
  static constexpr std::uint32_t kSlots = 3;
  std::shared_ptr<GroupLoad> load = std::make_shared<GroupLoad>();
  Room room{load};
  Load endpoint;
  std::atomic<bool> healthy{true};
  std::atomic<std::uint32_t> most{0};
  std::atomic<std::uint32_t> served{0};
  std::atomic<std::uint32_t> given_up{0};

  bool try_take() {
    return healthy.load(std::memory_order_relaxed) && admit::take_slot(endpoint, kSlots);
  }
  void release() {
    admit::release_slot(endpoint);
    room.slot_released();
  }
};

Task<> pause(net::Reactor& reactor) {
  net::Signal again(reactor);
  reactor.post([&again] { again.set(); });
  co_await again.wait(kNever);
}

Task<> request(Crowd& crowd, net::Reactor& reactor, Random& random) {
  const bool impatient = random.below(8) == 0;
  bool mine = crowd.load->waiting.load() == 0 && crowd.try_take();
  if (!mine) {
    Queue limits;
    limits.length = 100'000;
    Room::Place place(crowd.room, reactor);
    if (place.enter(1, limits) != admit::Entry::admitted) co_return;
    const Duration patience = impatient ? Duration(random.below(2'000'000)) : Duration(1h);
    const net::Deadline deadline(reactor.clock().now() + patience);
    while (!mine) {
      const net::Io turn = co_await place.turn(deadline);
      if (turn != net::Io::ok) break;
      mine = crowd.try_take();
    }
  }
  if (!mine) {
    ++crowd.given_up;
    co_return;
  }
  const std::uint32_t now = crowd.endpoint.in_flight.load();
  std::uint32_t most = crowd.most.load();
  while (most < now && !crowd.most.compare_exchange_weak(most, now)) {
  }
  for (std::size_t i = random.below(3); i > 0; --i) co_await pause(reactor);
  crowd.release();
  ++crowd.served;
}

Task<> requests(Crowd& crowd, net::Reactor& reactor, Random& random, int count) {
  for (int i = 0; i < count; ++i) co_await request(crowd, reactor, random);
}

TEST(RoomUnderThreads, LosesNoWakeUpAndNoSlot) {
  constexpr int kThreads = 4, kTasks = 8, kEach = 200;
  Crowd crowd;
  std::atomic<int> running{kThreads};
  std::latch begin(kThreads + 1);
  std::vector<std::thread> threads;

  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      net::Reactor reactor(system_clock());
      Random random(static_cast<std::uint64_t>(t) + 1);
      Scope tasks;
      begin.arrive_and_wait();
      for (int i = 0; i < kTasks; ++i) tasks.spawn(requests(crowd, reactor, random, kEach));
      const Time end = system_clock().now() + 60s;
      while (tasks.running() > 0) {
        reactor.turn(reactor.now() + 1s);
        if (system_clock().now() > end) std::abort();  // somebody was forgotten
      }
      --running;
      // Others may still ring here.
      while (running > 0) reactor.turn(reactor.now() + 1ms);
    });
  }
  begin.arrive_and_wait();
  while (running > 0) {
    crowd.healthy = false;
    std::this_thread::yield();
    crowd.healthy = true;
    crowd.room.wake();
    ::poll(nullptr, 0, 1);
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(crowd.served + crowd.given_up, static_cast<std::uint32_t>(kThreads * kTasks * kEach));
  EXPECT_GT(crowd.served, crowd.given_up);
  EXPECT_LE(crowd.most, Crowd::kSlots);
  EXPECT_EQ(crowd.load->waiting, 0u);
  EXPECT_EQ(crowd.endpoint.in_flight, 0u);
}

}  // namespace
}  // namespace weir::proxy
