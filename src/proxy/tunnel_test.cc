#include "proxy/tunnel.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/scope.h"
#include "proxy/test_peer.h"

namespace weir::proxy {
namespace {

class TunnelTest : public testing::Test {
 protected:
  // One tunnel between two connections; the test holds the outer ends.
  void open(std::string from_a = "", std::string from_b = "") {
    a_ = pair(a);
    b_ = pair(b);
    tasks.spawn(run(std::move(from_a), std::move(from_b)));
  }
  net::Owned<net::Stream> pair(TestPeer& outer) {
    const net::Fd listener =
        net::listen_on(net::parse_address("127.0.0.1:0").value(), false).value();
    outer = TestPeer::connect(net::local_address(listener.get()));
    net::Fd inner;
    EXPECT_TRUE(eventually([&] {
      inner = net::Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      return static_cast<bool>(inner);
    }));
    return net::Stream::adopt(reactor, std::move(inner));
  }
  Task<> run(std::string from_a, std::string from_b) {
    co_await tunnel(*a_, std::move(from_a), *b_, std::move(from_b), 10s, broken);
    whole = !broken.raised();
    a_->close();
    b_->close();
  }
  template <class Condition>
  bool turn_until(Condition condition) {
    return eventually([&] {
      reactor.turn(reactor.now());
      return condition();
    });
  }
  std::string read(TestPeer& peer, std::size_t size) {
    EXPECT_TRUE(turn_until([&] { return peer.has(size); }));
    return peer.read(size);
  }
  bool ended() {
    return turn_until([&] { return whole.has_value(); });
  }
  void TearDown() override { EXPECT_EQ(tasks.running(), 0u); }

  ManualClock clock;
  net::Reactor reactor{clock};
  Scope tasks;
  net::Owned<net::Stream> a_, b_;
  TestPeer a, b;
  net::Interrupt broken;
  std::optional<bool> whole;
};

TEST_F(TunnelTest, CarriesBytesBothWaysAndWhatCameEarlyFirst) {
  open("from a", "from b");
  EXPECT_EQ(read(b, 6), "from a");
  EXPECT_EQ(read(a, 6), "from b");

  a.send("ping");
  EXPECT_EQ(read(b, 4), "ping");
  b.send("pong");
  EXPECT_EQ(read(a, 4), "pong");

  a.close();
  b.close();
  EXPECT_TRUE(ended());
}

TEST_F(TunnelTest, KeepsOneDirectionOpenWhenTheOtherEnds) {
  open();
  a.send("last");
  a.finish();
  EXPECT_EQ(read(b, 4), "last");

  b.send("more");
  EXPECT_EQ(read(a, 4), "more");
  EXPECT_FALSE(whole);
  b.finish();

  EXPECT_TRUE(ended());
  EXPECT_EQ(whole, true);
  EXPECT_EQ(a.end(), TestPeer::End::proper);
  EXPECT_EQ(b.end(), TestPeer::End::proper);
}

TEST_F(TunnelTest, SaysWhenOneSideBroke) {
  open();
  a.reset();

  EXPECT_TRUE(ended());
  EXPECT_EQ(whole, false);
}

TEST_F(TunnelTest, EndsBothWhenNothingMovesAnyMore) {
  open();
  clock.advance(6s);
  b.send("a sign of life");
  EXPECT_EQ(read(a, 14), "a sign of life");
  clock.advance(6s);
  for (int i = 0; i < 10; ++i) reactor.turn(reactor.now());
  EXPECT_FALSE(whole) << "one direction moved";

  clock.advance(6s);

  EXPECT_TRUE(ended());
  EXPECT_EQ(whole, false);
}

TEST_F(TunnelTest, WaitsForASlowReaderWithoutLosingBytes) {
  open();
  std::size_t sent = 0;
  for (int i = 0; i < 3; ++i) {
    sent += a.fill();  // until the tunnel takes no more
    for (int k = 0; k < 10; ++k) reactor.turn(reactor.now());
  }
  a.finish();
  b.finish();

  EXPECT_TRUE(turn_until([&] { return b.has(sent) && whole; }));

  EXPECT_EQ(b.read_to_end().size(), sent);
  EXPECT_EQ(whole, true);
}

}  // namespace
}  // namespace weir::proxy
