#include "net/outbox.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "net/farewell.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

struct OutboxTest : testing::Test {
  OutboxTest() {
    auto [mine, theirs] = tcp_pair();
    raw = mine.get();
    stream = Stream::adopt(loop.reactor, std::move(mine));
    peer = std::move(theirs);
    loop.settle();
  }
  ~OutboxTest() override {
    stream.reset();
    loop.settle();
  }
  // In the outbox; what came of it.
  std::optional<Io> write(std::string bytes, Duration limit = 5s) {
    std::optional<Io>& status = statuses.emplace_back();
    loop.scope.spawn(
        write_once(*stream, std::move(bytes), Deadline(loop.reactor.now() + limit), status));
    return status;
  }
  // Until the kernel takes no more.
  std::size_t fill() {
    const std::string bytes(64 * 1024, '.');
    std::size_t sent = 0;
    while (true) {
      const ssize_t n = ::send(raw, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) return sent;
      sent += static_cast<std::size_t>(n);
    }
  }
  // All that comes until `size` bytes are there, or an end.
  Arrived arrived(std::size_t size) {
    Arrived all;
    loop.until([&] {
      Arrived more = receive(peer.get());
      all.bytes += more.bytes;
      all.ended |= more.ended;
      all.broken |= more.broken;
      return all.bytes.size() >= size || all.ended || all.broken;
    });
    return all;
  }
  TestLoop loop;
  Owned<Stream> stream;
  Fd peer;
  int raw = -1;
  std::deque<std::optional<Io>> statuses;
};

TEST_F(OutboxTest, SendsWhenTheEventsAreDone) {
  loop.reactor.outbox().open();
  EXPECT_EQ(write("one"), Io::ok);
  EXPECT_EQ(write("two"), Io::ok);
  EXPECT_EQ(receive(peer.get()).bytes, "");
  EXPECT_FALSE(stream->quiet());
  loop.reactor.outbox().close();
  EXPECT_EQ(receive(peer.get()).bytes, "onetwo");
  EXPECT_TRUE(stream->quiet());
  EXPECT_EQ(write("three"), Io::ok);
  EXPECT_EQ(receive(peer.get()).bytes, "three");
}

std::string all_received(const std::vector<Fd>& peers) {
  std::string all;
  for (const Fd& peer : peers) all += receive(peer.get()).bytes;
  return all;
}

// Notes after each of its writes what any peer has by then.
Task<> echo(Stream& stream, const std::vector<Fd>& peers, std::string& seen) {
  while (true) {
    const Read read = co_await stream.read(kNever);
    if (read.status != Io::ok) co_return;
    const std::string bytes(read.bytes.data(), read.bytes.size());
    co_await stream.write(bytes, kNever);
    seen += all_received(peers);
  }
}

TEST(Outbox, IsOpenInABusyTurnAlone) {
  TestLoop loop;
  std::vector<Owned<Stream>> streams;
  std::vector<Fd> peers;
  std::string seen;
  for (int i = 0; i <= Outbox::kBusy; ++i) {
    auto [mine, theirs] = tcp_pair();
    streams.push_back(Stream::adopt(loop.reactor, std::move(mine)));
    peers.push_back(std::move(theirs));
    loop.scope.spawn(echo(*streams.back(), peers, seen));
  }
  loop.settle();
  for (int i = 0; i < Outbox::kBusy; ++i) send_all(peers[i].get(), "a");
  loop.settle();
  EXPECT_EQ(seen, std::string(Outbox::kBusy, 'a'));
  seen.clear();
  for (const Fd& peer : peers) send_all(peer.get(), "b");
  loop.settle();
  EXPECT_EQ(seen, "");
  EXPECT_EQ(all_received(peers), std::string(Outbox::kBusy + 1, 'b'));
  for (auto& stream : streams) stream->cancel();
  EXPECT_TRUE(loop.until([&] { return loop.scope.running() == 0; }));
}

TEST_F(OutboxTest, KeepsTheOrderOfSmallAndLargeWrites) {
  const std::string large(Outbox::kLetter + 1, 'b');
  loop.reactor.outbox().open();
  write("a");
  write(large);
  write("c");
  loop.reactor.outbox().close();
  EXPECT_EQ(arrived(large.size() + 2).bytes, "a" + large + "c");
}

TEST_F(OutboxTest, SendsEarlierWhenItIsFull) {
  const std::string letter(Outbox::kLetter, 'x');
  loop.reactor.outbox().open();
  std::size_t put = 0;
  for (; put <= Outbox::kRoom; put += letter.size()) write(letter);
  EXPECT_EQ(arrived(Outbox::kRoom).bytes.size(), Outbox::kRoom);
  loop.reactor.outbox().close();
  EXPECT_EQ(arrived(put - Outbox::kRoom).bytes.size(), put - Outbox::kRoom);
}

TEST_F(OutboxTest, SendsBeforeTheDescriptorIsGivenOut) {
  loop.reactor.outbox().open();
  write("head");
  send_all(stream->fd(), "body");
  loop.reactor.outbox().close();
  EXPECT_EQ(arrived(8).bytes, "headbody");
}

TEST_F(OutboxTest, LetsTheNextWriteWaitForWhatWasRefused) {
  const std::size_t before = fill();
  loop.reactor.outbox().open();
  EXPECT_EQ(write("one"), Io::ok);
  loop.reactor.outbox().close();
  EXPECT_FALSE(stream->quiet());
  EXPECT_EQ(write("two"), std::nullopt);
  EXPECT_EQ(arrived(before + 6).bytes.substr(before), "onetwo");
  EXPECT_TRUE(loop.until([&] { return statuses.back().has_value(); }));
  EXPECT_EQ(statuses.back(), Io::ok);
}

TEST_F(OutboxTest, LosesNothingInAClose) {
  const std::size_t before = fill();
  loop.reactor.outbox().open();
  EXPECT_EQ(write("last words"), Io::ok);
  stream.reset();
  loop.reactor.outbox().close();
  loop.settle();
  Arrived all = arrived(before + 10);
  EXPECT_EQ(all.bytes.substr(before), "last words");
  EXPECT_TRUE(arrived(1).ended);
}

TEST_F(OutboxTest, LosesNothingWhenItsSideEnds) {
  const std::size_t before = fill();
  loop.reactor.outbox().open();
  write("last words");
  stream->shutdown_write();
  loop.reactor.outbox().close();
  EXPECT_EQ(arrived(before + 10).bytes.substr(before), "last words");
  EXPECT_TRUE(arrived(1).ended);
  std::optional<Io> status;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, Deadline(loop.reactor.now() + 5s), status, bytes));
  send_all(peer.get(), "heard");
  EXPECT_TRUE(loop.until([&] { return status.has_value(); }));
  EXPECT_EQ(bytes, "heard");
}

// Whoever gave a write up does not want its rest to arrive.
TEST_F(OutboxTest, SaysNothingBehindAWriteGivenUp) {
  const std::size_t before = fill();
  write("late", 10ms);
  EXPECT_TRUE(loop.until([&] { return statuses.back().has_value(); }));
  EXPECT_EQ(statuses.back(), Io::timeout);
  stream.reset();
  loop.settle();
  const Arrived all = arrived(before + 1);
  EXPECT_EQ(all.bytes.size(), before);
  EXPECT_TRUE(all.ended);
}

TEST_F(OutboxTest, SaysNothingAfterAReset) {
  fill();
  loop.reactor.outbox().open();
  write("last words");
  stream->abort();
  loop.reactor.outbox().close();
  Arrived all = arrived(std::size_t{1} << 40);
  EXPECT_TRUE(all.broken);
}

TEST(Farewell, EndsWhenThePeerTakesNothing) {
  ManualClock clock;
  TestLoop loop(clock);
  auto [mine, theirs] = tcp_pair();
  const std::string bytes(64 * 1024, '.');
  while (::send(mine.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
  }
  const int fd = mine.get();
  Farewell::begin(loop.reactor, std::move(mine), "rest");
  loop.settle();
  EXPECT_GE(::fcntl(fd, F_GETFD), 0);
  clock.advance(Farewell::kPatience + 1s);
  loop.settle();
  EXPECT_LT(::fcntl(fd, F_GETFD), 0);
}

}  // namespace
}  // namespace weir::net
