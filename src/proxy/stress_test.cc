// Many clients at once, some of which walk away, while the configuration changes under them.
#include <gtest/gtest.h>

#include <thread>

#include "base/random.h"
#include "base/scope.h"
#include "net/stream.h"
#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

// Answers every request head on a thread of its own; now and then it breaks a connection instead.
class Answerer {
 public:
  explicit Answerer(std::uint64_t seed)
      : fd_(net::listen_on(net::parse_address("127.0.0.1:0").value(), false).value()),
        address_(net::local_address(fd_.get()).to_string()),
        random_(seed),
        thread_([this] { run(); }) {}
  ~Answerer() {
    reactor_.stop();
    thread_.join();
  }
  const std::string& address() const { return address_; }

 private:
  void run() {
    auto on_accept = [this](net::Fd fd, const net::Address&) {
      auto stream = net::Stream::adopt(reactor_, std::move(fd));
      if (stream) scope_.spawn(serve(std::move(stream)));
    };
    auto acceptor = net::Acceptor::start(reactor_, fd_.get(), false, on_accept);
    reactor_.run();
    acceptor.reset();
    stopping_.raise();
    while (scope_.running() > 0) reactor_.turn(reactor_.now() + 10ms);
  }
  Task<> serve(net::Owned<net::Stream> stream) {
    const net::Deadline never(kNever, &stopping_);
    std::string got;
    while (true) {
      const net::Read read = co_await stream->read(never);
      if (read.status != net::Io::ok) co_return;
      got.append(read.bytes.data(), read.bytes.size());
      if (!got.ends_with("\r\n\r\n")) continue;
      got.clear();
      if (random_.below(20) == 0) co_return;
      const std::string_view answer = kOk;
      const net::Io sent = co_await stream->write(answer, never);
      if (sent != net::Io::ok) co_return;
      if (random_.below(20) == 0) co_return;  // a kept connection closes
    }
  }

  net::Reactor reactor_{system_clock()};
  net::Fd fd_;
  std::string address_;
  Random random_;
  Scope scope_;
  net::Interrupt stopping_;
  std::thread thread_;
};

TEST(UnderStress, NothingIsLostAndNothingStaysCounted) {
  constexpr int kClients = 12, kRequests = 60;
  std::vector<std::unique_ptr<Answerer>> servers;
  for (std::uint64_t i = 0; i < 4; ++i) servers.push_back(std::make_unique<Answerer>(i));
  TestPlane plane(2);
  TargetGroup options;
  options.max_in_flight = 2;
  options.retry.attempts = 10;
  options.retry.budget = 1;
  options.retry.budget_floor = 100;
  options.retry.backoff = 1ms;
  options.outlier.enabled = false;
  TestPlane::Endpoints all;
  for (const auto& server : servers) all.push_back(plane.endpoint(server->address()));
  plane.set_group("api", options, all);
  plane.set_listener("web", "api", 2);
  plane.publish();

  std::atomic<int> answered{0}, abandoned{0}, running{kClients};
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      Random random(static_cast<std::uint64_t>(c) + 100);
      TestPeer client = plane.connect();
      for (int i = 0; i < kRequests; ++i) {
        client.send(kGet);
        if (random.below(10) == 0) {
          random.below(2) == 0 ? client.close() : client.reset();
          client = plane.connect();
          ++abandoned;
          continue;
        }
        const std::string head = client.read_head();
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
        EXPECT_EQ(client.read(2), "ok");
        ++answered;
      }
      --running;
    });
  }
  // Endpoints leave and come back as others, options change.
  for (std::uint32_t round = 0; running > 0; ++round) {
    TestPlane::Endpoints some(all.begin() + 1, all.end());
    if (round % 3 != 0) some = all;
    if (round % 3 == 2) some[0] = plane.endpoint(servers[0]->address());
    options.max_in_flight = 1 + round % 3;
    plane.set_group("api", options, some);
    plane.publish();
    ::poll(nullptr, 0, 1);
  }
  for (auto& client : clients) client.join();

  EXPECT_EQ(answered + abandoned, kClients * kRequests);
  EXPECT_GT(answered, abandoned);
  EXPECT_TRUE(plane.settled());
}

}  // namespace
}  // namespace weir::proxy
