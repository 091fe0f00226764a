#include "net/listen.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

std::string socket_path(const char* name) {
  return testing::TempDir() + "weir-listen-" + name + "-" + std::to_string(::getpid());
}

// A plain client that does not wait; invalid when refused.
Fd dial(const Address& address) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), address.data(), address.length()) != 0) return Fd();
  return fd;
}

TEST(Listen, OpensSocketsThatChildrenDoNotInherit) {
  const Fd fd = *listen_on(loopback(), true);

  EXPECT_TRUE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(dial(local_address(fd.get())));
}

TEST(Listen, SharesAPortOnlyWhenAsked) {
  const Fd first = *listen_on(loopback(), true);
  const Address address = local_address(first.get());

  EXPECT_TRUE(listen_on(address, true));
  const auto alone = listen_on(address, false);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::conflict);
  EXPECT_NE(alone.error().message.find(address.to_string()), std::string::npos);
}

TEST(Listen, ReplacesAStaleUnixSocket) {
  const std::string path = socket_path("stale");
  const Address address = *parse_address("unix:" + path);
  {
    ASSERT_TRUE(listen_on(address, false));
  }  // leaves its file behind
  ASSERT_TRUE(std::filesystem::exists(path));

  const auto again = listen_on(address, false, 0600);

  ASSERT_TRUE(again) << again.error().message;
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777u, 0600u);
  EXPECT_TRUE(dial(address));
  ::unlink(path.c_str());
}

TEST(Listen, LeavesALiveUnixSocketAlone) {
  const std::string path = socket_path("live");
  const Address address = *parse_address("unix:" + path);
  const Fd live = *listen_on(address, false);

  const auto second = listen_on(address, false);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_TRUE(dial(address));
  ::unlink(path.c_str());
}

TEST(Listen, LeavesAUnixSocketWithAFullBacklogAlone) {
  const std::string path = socket_path("full");
  const Address address = *parse_address("unix:" + path);
  const Fd live(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(live.get(), address.data(), address.length()), 0);
  ASSERT_EQ(::listen(live.get(), 0), 0);
  std::vector<Fd> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(waiting.back().get(), address.data(), address.length());
  }

  EXPECT_FALSE(listen_on(address, false));  // and returns at once
  EXPECT_TRUE(std::filesystem::exists(path));
  ::unlink(path.c_str());
}

TEST(Listen, LeavesFilesThatAreNoSocketsAlone) {
  const std::string path = socket_path("file");
  std::ofstream(path) << "precious";

  const auto fd = listen_on(*parse_address("unix:" + path), false);

  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().code, Code::conflict);
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
  ::unlink(path.c_str());
}

// In a child: descriptors are handed over by number, and the test's own must not be touched.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Listen, TakesWhatAParentHandsOver) {
  const Fd a = *listen_on(loopback(), false), b = *listen_on(loopback(), false);
  const std::string public_address = local_address(a.get()).to_string();
  const auto body = [&] {
    // Out of the way first: a or b may be 3 or 4 themselves, the wrong way round.
    const int high_a = ::fcntl(a.get(), F_DUPFD, 100), high_b = ::fcntl(b.get(), F_DUPFD, 100);
    ::dup2(high_a, 3);
    ::dup2(high_b, 4);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", "public:admin", 1);
    auto found = inherited_listeners();
    if (found.size() != 2) return 1;
    if (found[0].name != "public" || found[1].name != "admin") return 2;
    if (found[0].fd.get() != 3 || found[1].fd.get() != 4) return 3;
    if (found[0].address.to_string() != public_address) return 4;
    if (!(::fcntl(3, F_GETFD) & FD_CLOEXEC)) return 5;
    if (std::getenv("LISTEN_FDS") || std::getenv("LISTEN_PID") || std::getenv("LISTEN_FDNAMES"))
      return 6;
    if (!inherited_listeners().empty()) return 7;
    return 0;
  };

  EXPECT_EQ(in_child(body), 0);
}

TEST(Listen, TakesNothingMeantForAnotherProcess) {
  const auto body = [] {
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", "1", 1);
    return inherited_listeners().empty() && !std::getenv("LISTEN_FDS") ? 0 : 1;
  };

  EXPECT_EQ(in_child(body), 0);
}

// ---------------------------------------------------------------- Acceptor

class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest()
      : listener(*listen_on(loopback(), false)), address(local_address(listener.get())) {}
  void start(bool shared = false) {
    acceptor =
        Acceptor::start(loop.reactor, listener.get(), shared, [this](Fd fd, const Address& peer) {
          accepted.push_back(std::move(fd));
          peers.insert(peer.to_string());
        });
    ASSERT_TRUE(acceptor);
  }
  ~AcceptorTest() override {
    acceptor.reset();
    loop.settle();
  }
  TestLoop loop;
  Fd listener;
  Address address;
  Owned<Acceptor> acceptor;
  std::vector<Fd> accepted;
  std::set<std::string> peers;
};

TEST_F(AcceptorTest, TakesAStormOfConnections) {
  start();
  std::vector<Fd> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(dial(address));

  EXPECT_TRUE(loop.until([&] { return accepted.size() == 400; }));
  EXPECT_EQ(peers.size(), 400u);
  EXPECT_TRUE(peers.contains(local_address(clients[0].get()).to_string()));
  EXPECT_TRUE(::fcntl(accepted[0].get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(accepted[0].get(), F_GETFD) & FD_CLOEXEC);
}

TEST_F(AcceptorTest, TakesWhatWaitedBeforeIt) {
  const Fd early = dial(address);
  start();

  EXPECT_TRUE(loop.until([&] { return accepted.size() == 1; }));
}

TEST_F(AcceptorTest, TakesNothingAfterItsEnd) {
  start();
  acceptor->close();
  const Fd late = dial(address);  // in the backlog
  loop.settle();

  EXPECT_TRUE(accepted.empty());
}

TEST_F(AcceptorTest, EmptiesTheBacklogWhenAsked) {
  start();
  std::vector<Fd> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(dial(address));
  acceptor->accept_backlog();

  EXPECT_EQ(accepted.size(), 300u);
}

TEST_F(AcceptorTest, MayBeDroppedByItsOwnCallback) {
  acceptor = Acceptor::start(loop.reactor, listener.get(), false, [this](Fd fd, const Address&) {
    accepted.push_back(std::move(fd));
    acceptor.reset();
  });
  const Fd a = dial(address), b = dial(address);
  loop.settle();

  EXPECT_EQ(accepted.size(), 1u);
}

TEST_F(AcceptorTest, SharesADescriptorWithAnotherLoop) {
  TestLoop other;
  int theirs = 0;
  start(true);
  auto second =
      Acceptor::start(other.reactor, listener.get(), true, [&](Fd, const Address&) { ++theirs; });
  std::vector<Fd> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(dial(address));
    (i % 2 ? loop : other).settle();
  }
  EXPECT_TRUE(loop.until([&] {
    other.settle();
    return accepted.size() + static_cast<std::size_t>(theirs) == 20;
  }));
  EXPECT_GT(theirs, 0);
  EXPECT_FALSE(accepted.empty());
  second.reset();
  other.settle();
}

TEST_F(AcceptorTest, LeavesInTheBacklogWhomItMayNotAccept) {
  std::size_t most = 2;
  acceptor = Acceptor::start(
      loop.reactor, listener.get(), false,
      [&](Fd fd, const Address&) { accepted.push_back(std::move(fd)); },
      [&] { return accepted.size() < most; });
  std::vector<Fd> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(dial(address));
  loop.settle();
  EXPECT_FALSE(loop.until([&] { return accepted.size() > 2; }, 50ms));

  most = 3;
  EXPECT_TRUE(loop.until([&] { return accepted.size() == 3; }));
  loop.settle();
  EXPECT_EQ(accepted.size(), 3u);

  acceptor->accept_backlog();
  EXPECT_EQ(accepted.size(), 5u);
}

// Out of descriptors it waits, without spinning, and goes on when some are free again. In a child,
// whose limit is its own.
TEST(Acceptor, PausesWithoutDescriptorsAndRecovers) {
  const auto body = [] {
    TestLoop loop;
    const Fd listener = *listen_on(loopback(), false);
    std::vector<Fd> accepted;
    auto acceptor =
        Acceptor::start(loop.reactor, listener.get(), false,
                        [&](Fd fd, const Address&) { accepted.push_back(std::move(fd)); });
    std::vector<Fd> clients;
    for (int i = 0; i < 40; ++i) {
      clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const Address to = local_address(listener.get());
      if (::connect(clients.back().get(), to.data(), to.length()) != 0) return 1;
    }
    // UBSan's look at a virtual call needs a pipe: no formatting of log lines without descriptors.
    start_logging(LogOptions{LogLevel::error, false, ""});
    const auto lowest = static_cast<rlim_t>(clients.back().get()) + 1;
    const rlimit few{lowest + 10, lowest + 10};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 2;
    loop.until([&] { return accepted.size() == 10; });
    if (accepted.size() != 10) return 3;
    // Turns return for the pause's timer alone.
    const Time begin = system_clock().now();
    int turns = 0;
    while (system_clock().now() < begin + 120ms) {
      loop.reactor.turn(begin + 120ms);
      ++turns;
    }
    if (turns > 20 || accepted.size() != 10) return 4;
    acceptor->accept_backlog();  // without descriptors: gives up at once
    if (accepted.size() != 10) return 5;
    std::size_t served = 0;
    loop.until([&] {
      served += accepted.size();
      accepted.clear();
      return served == 40;
    });
    acceptor.reset();
    loop.settle();
    return served == 40 ? 0 : 6;
  };

  EXPECT_EQ(in_child(body), 0);
}

}  // namespace
}  // namespace weir::net
