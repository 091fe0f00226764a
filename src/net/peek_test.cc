#include "net/peek.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/test_loop.h"

namespace weir::net {
namespace {

class PeekTest : public testing::Test {
 protected:
  PeekTest() : ends(unix_pair()) {}
  void say(std::string_view text) {
    EXPECT_EQ(::send(ends.second.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  Task<> look(Peek& peek, Deadline deadline) {
    const Peeked got = co_await peek.more(deadline);
    status = got.status;
    seen = got.bytes;
  }
  bool looked(Peek& peek, Duration limit = 5s, Interrupt* interrupt = nullptr) {
    return loop.run(look(peek, Deadline(loop.reactor.clock().now() + limit, interrupt)));
  }

  TestLoop loop;
  std::pair<Fd, Fd> ends;
  std::optional<Io> status;
  std::string seen;
};

TEST_F(PeekTest, ShowsWhatIsThereAndLeavesIt) {
  say("hello");
  const auto peek = Peek::at(loop.reactor, ends.first.get());

  ASSERT_TRUE(looked(*peek));

  EXPECT_EQ(status, Io::ok);
  EXPECT_EQ(seen, "hello");
  EXPECT_TRUE(take_off(loop.reactor, ends.first.get(), 2));
  char rest[10];
  EXPECT_EQ(::recv(ends.first.get(), rest, sizeof rest, MSG_DONTWAIT), 3);
}

TEST_F(PeekTest, WaitsForMoreThanItHasSeen) {
  say("hel");
  const auto peek = Peek::at(loop.reactor, ends.first.get());
  ASSERT_TRUE(looked(*peek));
  loop.scope.spawn(look(*peek, loop.reactor.clock().now() + 5s));
  seen.clear();
  loop.settle();
  EXPECT_EQ(seen, "");

  say("lo");

  ASSERT_TRUE(loop.until([&] { return loop.scope.running() == 0; }));
  EXPECT_EQ(seen, "hello");
}

TEST_F(PeekTest, TellsTheEnd) {
  say("hel");
  const auto peek = Peek::at(loop.reactor, ends.first.get());
  ASSERT_TRUE(looked(*peek));

  ends.second.reset();

  ASSERT_TRUE(looked(*peek));
  EXPECT_EQ(status, Io::eof);
}

TEST_F(PeekTest, KeepsToItsDeadlineAndItsInterrupt) {
  const auto peek = Peek::at(loop.reactor, ends.first.get());
  ASSERT_TRUE(looked(*peek, 1ms));
  EXPECT_EQ(status, Io::timeout);

  Interrupt interrupt;
  loop.scope.spawn(look(*peek, Deadline(loop.reactor.clock().now() + 5s, &interrupt)));
  interrupt.raise();
  ASSERT_TRUE(loop.until([&] { return loop.scope.running() == 0; }));
  EXPECT_EQ(status, Io::cancelled);
}

TEST_F(PeekTest, LeavesTheDescriptorFreeForAStream) {
  {
    const auto peek = Peek::at(loop.reactor, ends.first.get());
    ASSERT_TRUE(looked(*peek, 1ms));  // which has made it watch
  }
  say("hello");
  EXPECT_TRUE(Stream::adopt(loop.reactor, std::move(ends.first)));
  loop.settle();
}

}  // namespace
}  // namespace weir::net
