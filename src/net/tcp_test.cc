// What only TCP has: resets, and how they are told from an end.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "net/stream.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

class TcpTest : public testing::Test {
 protected:
  TcpTest() {
    auto [mine, theirs] = tcp_pair();
    stream = Stream::adopt(loop.reactor, std::move(mine));
    peer = std::move(theirs);
  }
  ~TcpTest() override {
    stream.reset();
    loop.settle();
  }
  TestLoop loop;
  Owned<Stream> stream;
  Fd peer;
};

TEST_F(TcpTest, TellsAResetFromAnEnd) {
  Got got;
  loop.scope.spawn(read_all(*stream, kNever, got));
  send_all(peer.get(), "part");
  EXPECT_TRUE(loop.until([&] { return got.bytes == "part"; }));
  reset_connection(std::move(peer));

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.end, Io::reset);
}

TEST_F(TcpTest, RaisesAHangupOnAReset) {
  Interrupt interrupt;
  stream->watch_hangup(&interrupt, false);
  reset_connection(std::move(peer));

  EXPECT_TRUE(loop.until([&] { return interrupt.raised(); }));
}

// The kernel reports a reset once. If the writer is the one who hears of it, the reader must not
// take what follows for a proper end: a body that ends with its connection would look whole.
TEST_F(TcpTest, StillTellsAResetFromAnEndWhenTheWriterHeardOfIt) {
  std::optional<Io> written;
  std::string bytes;
  reset_connection(std::move(peer));
  loop.scope.spawn(write_once(*stream, "x", kNever, written));  // takes the error, before any event
  ASSERT_TRUE(written);
  EXPECT_EQ(written, Io::reset);
  Got got;
  loop.scope.spawn(read_all(*stream, kNever, got));

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.end, Io::reset);
}

TEST_F(TcpTest, StillTellsAResetWhenTheWriterWaited) {
  std::optional<Io> written;
  loop.scope.spawn(write_once(*stream, std::string(16'000'000, 'a'), kNever, written));
  loop.settle();
  EXPECT_FALSE(written);
  Got got;
  loop.scope.spawn(read_all(*stream, kNever, got));
  loop.settle();
  reset_connection(std::move(peer));

  EXPECT_TRUE(loop.until([&] { return got.end && written; }));
  EXPECT_EQ(written, Io::reset);
  EXPECT_EQ(got.end, Io::reset);
}

// The peer ended properly; that it then resets us for what we still sent takes nothing back.
TEST_F(TcpTest, TakesAnEndForAnEndThoughAResetFollows) {
  send_all(peer.get(), "whole");
  peer.reset();
  loop.settle();
  std::optional<Io> first, second;
  loop.scope.spawn(write_once(*stream, "x", kNever, first));
  loop.settle();
  loop.scope.spawn(write_once(*stream, "x", kNever, second));
  EXPECT_EQ(second, Io::reset);
  Got got;
  loop.scope.spawn(read_all(*stream, kNever, got));

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.bytes, "whole");
  EXPECT_EQ(got.end, Io::eof);
}

TEST_F(TcpTest, SendsAResetWhenAborted) {
  stream->abort();
  loop.settle();

  EXPECT_TRUE(receive(peer.get()).broken);
}

TEST_F(TcpTest, EndsProperlyWhenClosed) {
  stream->close();
  loop.settle();

  EXPECT_TRUE(receive(peer.get()).ended);
}

}  // namespace
}  // namespace weir::net
