// Load generator and backend against each other over loopback, with no proxy between them.
#include "bench/traffic.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <vector>

#include "bench/backend.h"

namespace weir::bench {
namespace {

// Answers whatever comes with the same text.
class Parrot final : public Ready {
 public:
  Parrot(Loop& loop, std::string text) : loop_(loop), text_(std::move(text)) {
    auto listener = listen_on(0);
    EXPECT_TRUE(listener.has_value());
    listener_ = *std::move(listener);
    loop_.watch(listener_, *this);
  }
  std::uint16_t port() const { return local_port(listener_); }
  void on_ready(std::uint32_t) override {
    while (Fd socket = accept_from(listener_)) {
      sessions_.push_back(std::make_unique<Session>(std::move(socket), text_));
      loop_.watch(sessions_.back()->socket, *sessions_.back());
    }
  }

 private:
  struct Session final : Ready {
    Session(Fd fd, const std::string& text) : socket(std::move(fd)), answer(text) {}
    void on_ready(std::uint32_t) override {
      char bytes[4096];
      if (::recv(socket.get(), bytes, sizeof bytes, 0) <= 0) return;
      std::string_view rest = answer;
      send_some(socket, rest);
    }
    Fd socket;
    const std::string& answer;
  };

  Loop& loop_;
  const std::string text_;
  Fd listener_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

class TrafficTest : public testing::Test {
 protected:
  Target target(std::string path, std::size_t connections) {
    auto port = backend_.listen();
    EXPECT_TRUE(port.has_value());
    return Target{*port, connections, std::move(path), false};
  }

  // Until so many answers and errors are there; a hang is a failure after ten seconds.
  static void run(Loop& loop, Traffic& traffic, std::uint64_t count) {
    const Time limit = loop.now() + 10s;
    traffic.start();
    while (traffic.tally().answers + traffic.tally().errors < count && loop.now() < limit) {
      loop.turn(std::min(limit, traffic.tick(loop.now())));
    }
  }

  Loop loop_{system_clock()};
  Backend backend_{loop_};
};

TEST_F(TrafficTest, ClosedLoopGetsGoodAnswers) {
  for (const char* path : {"/", "/64k"}) {
    const auto traffic = closed_loop(loop_, target(path, 8));

    run(loop_, *traffic, 500);

    EXPECT_TRUE(traffic->ready());
    EXPECT_GE(traffic->tally().answers, 500u) << path;
    EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
    EXPECT_EQ(traffic->tally().latency.count(), traffic->tally().answers);
  }
}

TEST_F(TrafficTest, BackendTakesThePostedBody) {
  Target post = target("/", 8);
  post.post = true;
  const auto traffic = closed_loop(loop_, post);

  run(loop_, *traffic, 500);

  EXPECT_GE(traffic->tally().answers, 500u);
  EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
}

TEST_F(TrafficTest, OpenLoopKeepsItsRate) {
  const auto traffic = open_loop(loop_, target("/", 8), 2000);
  const Time start = loop_.now();

  run(loop_, *traffic, 200);

  EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
  // 100 ms before the first, then 199 intervals of half a millisecond.
  EXPECT_GE(loop_.now() - start, 199ms);
}

TEST_F(TrafficTest, IdleConnectionsAskOnceEach) {
  const auto traffic = idle_connections(loop_, target("/", 200));

  run(loop_, *traffic, 200);
  for (int i = 0; i < 20; ++i) loop_.turn(std::min(loop_.now(), traffic->tick(loop_.now())));

  EXPECT_TRUE(traffic->ready());
  EXPECT_EQ(traffic->tally().answers, 200u);
  EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
}

TEST_F(TrafficTest, EventStreamsCountEveryEvent) {
  const auto traffic = event_streams(loop_, target("/sse", 100));

  run(loop_, *traffic, 500);

  EXPECT_TRUE(traffic->ready());
  EXPECT_GE(traffic->tally().answers, 500u);
  EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
  EXPECT_EQ(backend_.events_skipped(), 0u);
}

TEST_F(TrafficTest, SeldomStreamsHaveAnEventAtOnceAndThenOneASecond) {
  const auto traffic = event_streams(loop_, target("/sse_seldom", 100));
  const Time start = loop_.now();

  run(loop_, *traffic, 300);

  EXPECT_TRUE(traffic->ready());
  EXPECT_EQ(traffic->tally().errors, 0u) << traffic->tally().first_error;
  // One at once, one in the first turn of the wheel, one in the second.
  EXPECT_GE(loop_.now() - start, 900ms);
}

TEST_F(TrafficTest, AnotherStatusIsAnError) {
  const auto traffic = closed_loop(loop_, target("/unknown", 1));

  run(loop_, *traffic, 1);

  EXPECT_EQ(traffic->tally().answers, 0u);
  EXPECT_EQ(traffic->tally().first_error, "status 404");
}

TEST_F(TrafficTest, WrongAnswersAreErrors) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  const std::pair<std::string, const char*> cases[] = {
      {head + "2\r\n\r\n{}", "body of another length"},
      {head + "200\r\n\r\n" + std::string(200, 'x'), "body with other bytes"},
      {head + "2\r\n\r\n{}{}", "more bytes than the answer has"},
      {"nonsense\r\n\r\n", "not an HTTP response"},
  };
  for (const auto& [text, error] : cases) {
    Parrot parrot(loop_, text);
    const auto traffic = closed_loop(loop_, Target{parrot.port(), 1, "/", false});

    run(loop_, *traffic, 1);

    EXPECT_EQ(traffic->tally().answers, 0u);
    EXPECT_EQ(traffic->tally().first_error, error);
  }
}

TEST_F(TrafficTest, NobodyListeningIsAnError) {
  std::uint16_t port = 0;
  {
    const auto listener = listen_on(0);
    ASSERT_TRUE(listener.has_value());
    port = local_port(*listener);
  }
  const auto traffic = closed_loop(loop_, Target{port, 1, "/", false});

  run(loop_, *traffic, 1);

  EXPECT_GE(traffic->tally().errors, 1u);
  EXPECT_EQ(traffic->tally().first_error, "cannot connect");
  EXPECT_FALSE(traffic->ready());
}

}  // namespace
}  // namespace weir::bench
