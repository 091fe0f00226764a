#include "http/pool.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "net/test_loop.h"

namespace weir::http {
namespace {

class PoolTest : public testing::Test {
 protected:
  ~PoolTest() override {
    pool.clear();
    loop.settle();
  }
  // A connection whose other end is kept in `peers`.
  net::Owned<net::Stream> connection() {
    auto [mine, theirs] = net::unix_pair();
    peers.push_back(std::move(theirs));
    auto stream = net::Stream::adopt(loop.reactor, std::move(mine));
    loop.settle();
    return stream;
  }
  net::TestLoop loop;
  std::vector<net::Fd> peers;
  Pool pool;
  Time now = Time(1h);
};

TEST_F(PoolTest, GivesTheOneUsedLastFirst) {
  EXPECT_FALSE(pool.take());
  auto first = connection(), second = connection();
  const int first_fd = first->fd(), second_fd = second->fd();
  pool.put(std::move(first), now, 10);
  pool.put(std::move(second), now + 1s, 10);

  EXPECT_EQ(pool.take()->fd(), second_fd);
  EXPECT_EQ(pool.take()->fd(), first_fd);
  EXPECT_FALSE(pool.take());
}

TEST_F(PoolTest, KeepsNoMoreThanItMay) {
  for (int i = 0; i < 5; ++i) pool.put(connection(), now, 3);
  loop.settle();

  EXPECT_EQ(pool.size(), 3u);
  EXPECT_TRUE(net::receive(peers[4].get()).ended) << "the surplus is closed";
  EXPECT_FALSE(net::receive(peers[0].get()).ended);
}

TEST_F(PoolTest, GivesNoConnectionThatHasEndedOrSaidSomething) {
  for (int i = 0; i < 3; ++i) pool.put(connection(), now, 10);
  peers[2].reset();
  net::send_all(peers[1].get(), "HTTP/1.1 408 Request Timeout\r\n\r\n");
  loop.settle();

  const auto good = pool.take();
  ASSERT_TRUE(good);
  net::send_all(peers[0].get(), "x");
  loop.settle();
  EXPECT_FALSE(good->quiet());  // it is the first one
  EXPECT_EQ(pool.size(), 0u);
}

TEST_F(PoolTest, SweepsWhatIsOldOrHasEnded) {
  for (int i = 0; i < 4; ++i) pool.put(connection(), now + std::chrono::seconds(i), 10);
  peers[3].reset();
  loop.settle();
  pool.sweep(now + 1s);
  loop.settle();

  EXPECT_EQ(pool.size(), 2u);
  EXPECT_TRUE(net::receive(peers[0].get()).ended);
  EXPECT_FALSE(net::receive(peers[1].get()).ended);
  EXPECT_FALSE(net::receive(peers[2].get()).ended);
}

}  // namespace
}  // namespace weir::http
