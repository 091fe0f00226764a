#include "health/gate.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/scope.h"

namespace weir::health {
namespace {

class GateTest : public testing::Test {
 protected:
  // Comes, stays until `stay` is set, and leaves.
  struct Guest {
    explicit Guest(net::Reactor& reactor) : stay(reactor) {}
    net::Signal stay;
    net::Interrupt called_off;
    bool gone = false;
  };

  Task<> visit(Guest& guest, int name) {
    Gate::Pass pass(gate);
    const net::Deadline forever(kNever, &guest.called_off);
    const net::Io entered = co_await pass.enter(forever);
    if (entered == net::Io::ok) {
      inside.push_back(name);
      const net::Deadline never(kNever);
      co_await guest.stay.wait(never);
    }
    guest.gone = true;
  }
  void come(int count) {
    for (int i = 0; i < count; ++i) {
      guests.push_back(std::make_unique<Guest>(reactor));
      scope.spawn(visit(*guests.back(), static_cast<int>(guests.size()) - 1));
    }
  }
  void turns(int n) {
    for (int i = 0; i < n; ++i) reactor.turn(reactor.now());
  }
  ~GateTest() override {
    for (auto& guest : guests) guest->stay.set();
    turns(static_cast<int>(guests.size()) + 2);
  }

  ManualClock clock;
  net::Reactor reactor{clock};
  Gate gate{reactor, 2, 100ms};
  std::vector<std::unique_ptr<Guest>> guests;
  std::vector<int> inside;
  Scope scope;
};

TEST_F(GateTest, LetsInAsManyAsItIsWideAndOthersInTheirOrder) {
  come(4);
  EXPECT_EQ(inside, (std::vector{0, 1}));

  guests[1]->stay.set();
  turns(2);

  EXPECT_EQ(inside, (std::vector{0, 1, 2}));
  guests[0]->stay.set();
  turns(2);
  EXPECT_EQ(inside, (std::vector{0, 1, 2, 3}));
}

TEST_F(GateTest, IsFreeAgainWhenAllHaveLeft) {
  come(3);
  for (auto& guest : guests) guest->stay.set();
  turns(4);

  come(3);

  EXPECT_EQ(inside, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(GateTest, PassesOverWhoGaveUp) {
  come(5);
  guests[2]->called_off.raise();
  turns(2);
  EXPECT_TRUE(guests[2]->gone);
  guests[3]->called_off.raise();  // in the turn in which a place becomes free
  guests[0]->stay.set();
  turns(4);

  EXPECT_EQ(inside, (std::vector{0, 1, 4}));
  EXPECT_TRUE(guests[3]->gone);
}

TEST_F(GateTest, LosesNoPlaceToWhoGivesUpWhenItIsGranted) {
  come(4);
  guests[0]->stay.set();
  guests[2]->called_off.raise();  // still in line when the place is given to it
  turns(2);
  EXPECT_EQ(inside, (std::vector{0, 1, 2}));

  guests[2]->stay.set();
  turns(4);

  EXPECT_EQ(inside, (std::vector{0, 1, 2, 3}));
}

TEST_F(GateTest, LetsTheNextInWhileTheSlowStay) {
  come(4);
  clock.advance(99ms);
  turns(2);
  EXPECT_EQ(inside.size(), 2u);

  clock.advance(2ms);
  turns(2);

  EXPECT_EQ(inside, (std::vector{0, 1, 2, 3}));
  EXPECT_FALSE(guests[0]->gone);
  guests[0]->stay.set();  // has given its place back already
  turns(2);
  come(1);
  EXPECT_EQ(inside.size(), 4u);
}

}  // namespace
}  // namespace weir::health
