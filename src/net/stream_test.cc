#include "net/stream.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

// One end is a Stream on the loop, the other a plain socket of the test.
class StreamTest : public testing::TestWithParam<bool> {
 protected:
  StreamTest() {
    auto [mine, theirs] = GetParam() ? tcp_pair() : unix_pair();
    stream = Stream::adopt(loop.reactor, std::move(mine));
    peer = std::move(theirs);
  }
  ~StreamTest() override {
    stream.reset();
    loop.settle();
  }
  Deadline within(Duration d, Interrupt* interrupt = nullptr) {
    return Deadline(system_clock().now() + d, interrupt);
  }
  TestLoop loop;
  Owned<Stream> stream;
  Fd peer;
};
INSTANTIATE_TEST_SUITE_P(Sockets, StreamTest, testing::Bool(),
                         [](const auto& tcp) { return tcp.param ? "Tcp" : "Unix"; });

TEST_P(StreamTest, ReadsWhatComesWhenItComes) {
  Got got;
  loop.scope.spawn(read_all(*stream, kNever, got));
  loop.settle();
  EXPECT_TRUE(got.bytes.empty());
  for (const char* piece : {"one", "two", "three"}) {
    const std::size_t before = got.bytes.size();
    send_all(peer.get(), piece);
    EXPECT_TRUE(loop.until([&] { return got.bytes.size() > before; }));
  }
  EXPECT_EQ(got.bytes, "onetwothree");
  EXPECT_FALSE(got.end);
  peer.reset();
  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.end, Io::eof);
}

// Data and the end arrive in one event: both must be seen, without another edge.
TEST_P(StreamTest, SeesTheEndBehindDataOfTheSameEvent) {
  for (const std::size_t limit :
       {std::size_t{1}, std::size_t{4}, std::size_t{5}, std::size_t{65536}}) {
    auto [mine, theirs] = GetParam() ? tcp_pair() : unix_pair();
    auto one = Stream::adopt(loop.reactor, std::move(mine));
    send_all(theirs.get(), "hello");
    ::shutdown(theirs.get(), SHUT_WR);
    loop.settle();  // the edge passes while nobody reads
    Got got;
    loop.scope.spawn(read_all(*one, within(5s), got, limit));

    EXPECT_TRUE(loop.until([&] { return got.end.has_value(); })) << limit;
    EXPECT_EQ(got.bytes, "hello");
    EXPECT_EQ(got.end, Io::eof);
    for (const std::size_t size : got.sizes) EXPECT_LE(size, limit);
  }
}

TEST_P(StreamTest, SeesTheEndThatComesWhileItReads) {
  Got got;
  loop.scope.spawn(read_all(*stream, within(5s), got));
  loop.settle();
  send_all(peer.get(), "hello");
  ::shutdown(peer.get(), SHUT_WR);

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.bytes, "hello");
  EXPECT_EQ(got.end, Io::eof);
}

TEST_P(StreamTest, LosesNothingOfALargeStreamInOddPieces) {
  Random random(11);
  std::string sent;
  for (int i = 0; i < 1'500'000; ++i) sent.push_back(static_cast<char>(random()));
  Got got;
  loop.scope.spawn(read_all(*stream, within(20s), got, 777));
  std::string_view left = sent;
  while (!left.empty() || !got.end) {
    if (!left.empty()) {
      const std::size_t size = std::min<std::size_t>(left.size(), 1 + random.below(100'000));
      const ssize_t n = ::send(peer.get(), left.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) left.remove_prefix(static_cast<std::size_t>(n));
      if (left.empty()) ::shutdown(peer.get(), SHUT_WR);
    }
    loop.reactor.turn(system_clock().now());
    if (got.end && !left.empty()) break;
  }

  EXPECT_EQ(got.end, Io::eof);
  EXPECT_TRUE(got.bytes == sent);
}

TEST_P(StreamTest, TimesOutAndGoesOnAfterwards) {
  std::optional<Io> first, second;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, within(10ms), first, bytes));
  EXPECT_TRUE(loop.until([&] { return first.has_value(); }));
  EXPECT_EQ(first, Io::timeout);
  send_all(peer.get(), "late");
  loop.scope.spawn(read_once(*stream, within(5s), second, bytes));

  EXPECT_TRUE(loop.until([&] { return second.has_value(); }));
  EXPECT_EQ(second, Io::ok);
  EXPECT_EQ(bytes, "late");
}

// The timer of an earlier wait may still stand in the wheel.
TEST(Stream, TimesEachReadByItsOwnDeadline) {
  ManualClock clock;
  TestLoop on(clock);
  auto [mine, theirs] = tcp_pair();
  const Owned<Stream> one = Stream::adopt(on.reactor, std::move(mine));
  std::optional<Io> status;
  std::string bytes;
  const auto read = [&](Duration limit) {
    status.reset();
    on.scope.spawn(read_once(*one, on.reactor.now() + limit, status, bytes));
    on.settle();
  };
  const auto pass = [&](Duration by) {
    clock.advance(by);
    on.settle();
    return status;
  };
  read(10s);
  send_all(theirs.get(), "a");
  on.settle();
  EXPECT_EQ(status, Io::ok);
  read(60s);
  EXPECT_EQ(pass(59s), std::nullopt);
  EXPECT_EQ(pass(2s), Io::timeout);
  read(60s);
  send_all(theirs.get(), "b");
  on.settle();
  read(5s);
  EXPECT_EQ(pass(4s), std::nullopt);
  EXPECT_EQ(pass(2s), Io::timeout);
  EXPECT_EQ(pass(120s), Io::timeout);
}

TEST_P(StreamTest, WritesWithBackpressureToASlowReader) {
  Random random(5);
  std::string sent;
  for (int i = 0; i < 12'000'000; ++i) sent.push_back(static_cast<char>(random()));
  std::optional<Io> status;
  loop.scope.spawn(write_once(*stream, sent, within(30s), status));
  loop.settle();
  EXPECT_FALSE(status) << "the kernel cannot have taken it all";
  EXPECT_FALSE(stream->quiet());
  std::string arrived;
  while (arrived.size() < sent.size()) {
    char buffer[10'000];
    const ssize_t n = ::recv(peer.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) {
      arrived.append(buffer, static_cast<std::size_t>(n));
    } else {
      ASSERT_TRUE(n < 0 && errno == EAGAIN);
      loop.reactor.turn(system_clock().now() + 50ms);
    }
  }
  EXPECT_TRUE(loop.until([&] { return status.has_value(); }));

  EXPECT_EQ(status, Io::ok);
  EXPECT_TRUE(arrived == sent);
  EXPECT_TRUE(stream->quiet());
}

Task<> write_pieces(Stream& stream, const std::vector<std::string>& pieces, Deadline deadline,
                    std::optional<Io>& status) {
  std::vector<iovec> vectors;
  for (const auto& piece : pieces) {
    vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  const std::span<const iovec> view(vectors);
  status = co_await stream.write(view, deadline);
}

TEST_P(StreamTest, WritesPiecesInOrderWhateverTheKernelTakes) {
  Random random(3);
  std::vector<std::string> pieces;
  std::string whole;
  for (const std::size_t size : {10u, 0u, 700'000u, 1u, 0u, 900'000u, 3u}) {
    std::string piece;
    for (std::size_t i = 0; i < size; ++i) piece.push_back(static_cast<char>(random()));
    whole += piece;
    pieces.push_back(piece);
  }
  std::optional<Io> status;
  loop.scope.spawn(write_pieces(*stream, pieces, within(30s), status));
  std::string arrived;
  EXPECT_TRUE(loop.until([&] {
    arrived += receive(peer.get()).bytes;
    return status && arrived.size() >= whole.size();
  }));

  EXPECT_EQ(status, Io::ok);
  EXPECT_TRUE(arrived == whole);
}

TEST_P(StreamTest, WritesNothingAtOnce) {
  std::optional<Io> status;
  loop.scope.spawn(write_once(*stream, "", within(1s), status));

  EXPECT_EQ(status, Io::ok);
}

// Bytes of a write that was given up stay unsent; others behind them would make nonsense.
TEST_P(StreamTest, RefusesToWriteBehindAWriteGivenUp) {
  std::optional<Io> first, second;
  loop.scope.spawn(write_once(*stream, std::string(8'000'000, 'a'), within(20ms), first));
  EXPECT_TRUE(loop.until([&] { return first.has_value(); }));
  EXPECT_EQ(first, Io::timeout);
  while (!receive(peer.get()).bytes.empty()) loop.settle();
  loop.scope.spawn(write_once(*stream, "b", within(1s), second));

  EXPECT_EQ(second, Io::failed);
  EXPECT_FALSE(stream->quiet()) << "must not go back to a pool";
  loop.settle();
  EXPECT_EQ(receive(peer.get()).bytes.find('b'), std::string::npos);
}

TEST_P(StreamTest, ReadsOnAfterItsOwnEnd) {
  Got got;
  loop.scope.spawn(read_all(*stream, within(5s), got));
  stream->shutdown_write();
  loop.settle();
  EXPECT_TRUE(receive(peer.get()).ended);
  send_all(peer.get(), "answer");
  peer.reset();

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.bytes, "answer");
  EXPECT_EQ(got.end, Io::eof);
}

TEST_P(StreamTest, WritesOnAfterThePeersEnd) {
  ::shutdown(peer.get(), SHUT_WR);
  loop.settle();
  std::optional<Io> status;
  loop.scope.spawn(write_once(*stream, "answer", within(5s), status));

  EXPECT_EQ(status, Io::ok);
  loop.settle();
  EXPECT_EQ(receive(peer.get()).bytes, "answer");
}

TEST_P(StreamTest, WakesItsReaderWhenCancelledOrClosed) {
  std::optional<Io> cancelled, closed, after;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, kNever, cancelled, bytes));
  stream->cancel();
  EXPECT_FALSE(cancelled) << "resumed inside cancel()";
  loop.settle();
  EXPECT_EQ(cancelled, Io::cancelled);
  loop.scope.spawn(read_once(*stream, kNever, closed, bytes));
  stream->close();
  loop.settle();
  EXPECT_EQ(closed, Io::cancelled);
  loop.scope.spawn(read_once(*stream, kNever, after, bytes));
  EXPECT_EQ(after, Io::cancelled);
  EXPECT_FALSE(stream->open());
  EXPECT_FALSE(stream->quiet());
}

TEST_P(StreamTest, WakesItsWriterWhenClosed) {
  std::optional<Io> status, after;
  loop.scope.spawn(write_once(*stream, std::string(8'000'000, 'a'), kNever, status));
  loop.settle();
  EXPECT_FALSE(status);
  stream->close();
  loop.settle();
  EXPECT_EQ(status, Io::cancelled);
  loop.scope.spawn(write_once(*stream, "x", kNever, after));
  EXPECT_EQ(after, Io::cancelled);
}

// The reader is ready to run with `cancelled`; then its stream is dropped before it runs.
TEST_P(StreamTest, MayBeDroppedWhileItsReaderIsAboutToWake) {
  std::optional<Io> status;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, kNever, status, bytes));
  Stream* raw = stream.get();
  loop.reactor.post([&] {
    raw->cancel();
    stream.reset();
  });
  loop.settle();

  EXPECT_EQ(status, Io::cancelled);
}

TEST_P(StreamTest, CanBeInterruptedInItsRead) {
  Interrupt interrupt;
  std::optional<Io> status;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, within(5s, &interrupt), status, bytes));
  loop.settle();
  interrupt.raise();
  send_all(peer.get(), "x");
  loop.settle();
  ASSERT_TRUE(status);
  if (*status == Io::cancelled) {
    EXPECT_TRUE(bytes.empty());  // and the byte is not lost
    loop.scope.spawn(read_once(*stream, within(5s), status, bytes));
    EXPECT_TRUE(loop.until([&] { return status == Io::ok; }));
  }
  EXPECT_EQ(bytes, "x");
}

Task<> close_when_read(Owned<Stream>& stream, std::optional<Io>& status) {
  const Read read = co_await stream->read(kNever);
  stream.reset();  // inside the stream's own event
  status = read.status;
}

TEST_P(StreamTest, MayBeDroppedByItsReader) {
  std::optional<Io> read, written;
  loop.scope.spawn(write_once(*stream, std::string(8'000'000, 'a'), kNever, written));
  loop.scope.spawn(close_when_read(stream, read));
  loop.settle();
  send_all(peer.get(), "x");
  EXPECT_TRUE(loop.until([&] { return read && written; }));

  EXPECT_EQ(read, Io::ok);
  EXPECT_EQ(written, Io::cancelled);
  EXPECT_FALSE(stream);
}

Task<> close_when_written(Owned<Stream>& stream, std::optional<Io>& status) {
  const std::string much(4'000'000, 'a');
  status = co_await stream->write(much, kNever);
  stream.reset();
}

TEST_P(StreamTest, MayBeDroppedByItsWriter) {
  std::optional<Io> read, written;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, kNever, read, bytes));
  loop.scope.spawn(close_when_written(stream, written));
  std::size_t arrived = 0;
  EXPECT_TRUE(loop.until([&] {
    arrived += receive(peer.get()).bytes.size();
    return read && written;
  }));

  EXPECT_EQ(written, Io::ok);
  EXPECT_EQ(read, Io::cancelled);
}

TEST_P(StreamTest, IsQuietOnlyWhileNothingHasCome) {
  loop.settle();
  EXPECT_TRUE(stream->quiet());
  send_all(peer.get(), "x");
  loop.settle();
  EXPECT_FALSE(stream->quiet());
  std::optional<Io> status;
  std::string bytes;
  loop.scope.spawn(read_once(*stream, kNever, status, bytes));
  EXPECT_EQ(bytes, "x");
  EXPECT_TRUE(stream->quiet());
  peer.reset();
  loop.settle();
  EXPECT_FALSE(stream->quiet());
}

TEST_P(StreamTest, RaisesAHangupWhenThePeerEnds) {
  Interrupt end, reset;
  stream->watch_hangup(&end, true);
  loop.settle();
  EXPECT_FALSE(end.raised());
  ::shutdown(peer.get(), SHUT_WR);
  loop.settle();
  EXPECT_TRUE(end.raised());
  // A half-closed connection still stands for whoever wants to go on.
  stream->watch_hangup(&reset, false);
  loop.settle();
  EXPECT_FALSE(reset.raised());
  // One who asks later learns at once.
  Interrupt late;
  stream->watch_hangup(&late, true);
  EXPECT_TRUE(late.raised());
}

TEST_P(StreamTest, RaisesNoHangupForData) {
  Interrupt interrupt;
  stream->watch_hangup(&interrupt, true);
  send_all(peer.get(), "x");
  loop.settle();

  EXPECT_FALSE(interrupt.raised());
}

TEST_P(StreamTest, RaisesNoHangupThatNobodyWatchesForAnyMore) {
  Interrupt interrupt;
  stream->watch_hangup(&interrupt, true);
  stream->watch_hangup(nullptr, false);
  peer.reset();
  loop.settle();

  EXPECT_FALSE(interrupt.raised());
}

TEST_P(StreamTest, RaisesAHangupWhenAborted) {
  Interrupt interrupt;
  stream->watch_hangup(&interrupt, false);
  stream->abort();

  EXPECT_TRUE(interrupt.raised());
  EXPECT_FALSE(stream->open());
}

// A child between fork and exec holds a copy of each descriptor for a while.
TEST_P(StreamTest, IsForgottenThoughAChildHoldsItsDescriptor) {
  loop.settle();
  const Fd copy(::dup(stream->fd()));
  stream.reset();
  loop.settle();
  send_all(peer.get(), "x");
  const Time begin = system_clock().now();
  loop.reactor.turn(begin + 20ms);

  EXPECT_GE(system_clock().now(), begin + 20ms) << "woken for a stream that is gone";
}

}  // namespace
}  // namespace weir::net
