#include "control/listener_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "net/datagram.h"

namespace weir::control {
namespace {

Named<Listener> listening(const std::string& name, std::string bind) {
  Named<Listener> listeners;
  listeners[name].bind = {std::move(bind)};
  return listeners;
}

TEST(ListenerSet, OpensOneSocketAWorkerOnOnePort) {
  ListenerSet set({}, 3);

  ASSERT_TRUE(set.update(listening("a", "127.0.0.1:0")).empty());

  const auto open = set.open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].fds.size(), 3u);
  for (const int fd : open[0].fds) EXPECT_EQ(net::local_address(fd).port(), open[0].port);
}

TEST(ListenerSet, OpensDatagramSocketsForUdpAndTakesNoOthersForThem) {
  net::Inherited stream;
  stream.fd = net::listen_on(net::parse_address("127.0.0.1:0").value(), false).value();
  stream.address = net::local_address(stream.fd.get());
  const std::string bind = stream.address.to_string();
  std::vector<net::Inherited> inherited;
  inherited.push_back(std::move(stream));
  ListenerSet set(std::move(inherited), 2);
  auto listeners = listening("a", bind);
  listeners["a"].protocol = "udp";

  ASSERT_TRUE(set.update(listeners).empty());

  const auto open = set.open();
  ASSERT_EQ(open[0].fds.size(), 2u);
  for (const int fd : open[0].fds) {
    EXPECT_TRUE(net::is_datagram_socket(fd));
    EXPECT_EQ(net::local_address(fd).to_string(), bind);
  }
  listeners["a"].protocol = "tcp";
  ASSERT_TRUE(set.update(listeners).empty());
  EXPECT_FALSE(net::is_datagram_socket(set.open()[0].fds[0]));
}

TEST(ListenerSet, KeepsTheDescriptorsOfAListenerThatGoesOn) {
  ListenerSet set({}, 1);
  set.update(listening("a", "127.0.0.1:0"));
  const auto before = set.open();
  auto both = listening("a", "127.0.0.1:0");
  both["b"].bind = {"[::1]:0"};

  ASSERT_TRUE(set.update(both).empty());

  EXPECT_EQ(set.open()[0].fds, before[0].fds);
  EXPECT_EQ(set.open().size(), 2u);
}

TEST(ListenerSet, ChangesNothingWhenAnAddressIsInUse) {
  ListenerSet other({}, 1);
  other.update(listening("x", "127.0.0.1:0"));
  const std::string taken = other.open()[0].bound[0];
  ListenerSet set({}, 2);
  set.update(listening("a", "127.0.0.1:0"));
  const auto before = set.open();
  auto next = listening("b", taken);

  const auto problems = set.update(next);

  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].listener, "b");
  EXPECT_NE(problems[0].error.message.find("in use"), std::string::npos);
  ASSERT_EQ(set.open().size(), 1u);
  EXPECT_EQ(set.open()[0].fds, before[0].fds);
}

// As a successor gets them: other numbers of the same sockets.
std::vector<net::Inherited> passed_on(const ListenerSet& set) {
  std::vector<int> fds;
  std::vector<net::Inherited> result;
  std::size_t next = 0;
  for (const HandedListener& one : set.handed(fds)) {
    for (std::uint32_t i = 0; i < one.fds; ++i) {
      net::Inherited given;
      given.name = one.name;
      given.bind = one.bind;
      given.fd = net::Fd(::dup(fds[next++]));
      given.address = net::local_address(given.fd.get());
      result.push_back(std::move(given));
    }
  }
  return result;
}

TEST(ListenerSet, GoesOnWithTheSocketsOfAnEarlierWeirWhateverTheNumberOfWorkers) {
  ListenerSet earlier({}, 3);
  auto listeners = listening("a", "127.0.0.1:0");
  listeners["b"].bind = {"127.0.0.1:0"};
  ASSERT_TRUE(earlier.update(listeners).empty());
  const auto before = earlier.open();
  ListenerSet set(passed_on(earlier), 2);

  ASSERT_TRUE(set.update(listeners).empty());
  set.drop_inherited();

  const auto open = set.open();
  ASSERT_EQ(open.size(), 2u);
  for (const std::size_t i : {0u, 1u}) {
    EXPECT_EQ(open[i].port, before[i].port);
    EXPECT_EQ(open[i].fds.size(), 3u);
  }
}

TEST(ListenerSet, TakesNoSocketOfAnEarlierWeirForAnotherAddress) {
  ListenerSet earlier({}, 1);
  earlier.update(listening("a", "127.0.0.1:0"));
  const std::uint16_t port = earlier.open()[0].port;
  ListenerSet set(passed_on(earlier), 1);

  ASSERT_TRUE(set.update(listening("a", "[::1]:0")).empty());

  EXPECT_NE(set.open()[0].port, port);
}

TEST(ListenerSet, KeepsWhatIsGoneOpenUntilTheWorkersHaveLetGo) {
  ListenerSet set({}, 1);
  set.update(listening("a", "127.0.0.1:0"));
  const int fd = set.open()[0].fds[0];
  set.update({});
  const bool open_before = net::local_address(fd).length() > 0;

  set.close_stale();

  EXPECT_TRUE(open_before);
  EXPECT_EQ(net::local_address(fd).length(), 0u);
}

TEST(ListenerSet, TakesAnInheritedDescriptorByAddress) {
  net::Inherited given;
  given.fd = *net::listen_on(*net::parse_address("127.0.0.1:0"), false);
  given.address = net::local_address(given.fd.get());
  const std::string address = given.address.to_string();
  const int fd = given.fd.get();
  std::vector<net::Inherited> inherited;
  inherited.push_back(std::move(given));
  ListenerSet set(std::move(inherited), 4);

  ASSERT_TRUE(set.update(listening("a", address)).empty());

  EXPECT_EQ(set.open()[0].fds, std::vector<int>{fd});
}

TEST(ListenerSet, ReplacesAStaleUnixSocket) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("weir-ls-" + std::to_string(::getpid()))).string();
  {
    ListenerSet gone({}, 1);
    gone.update(listening("a", "unix:" + path));
  }
  ListenerSet set({}, 1);

  const auto problems = set.update(listening("a", "unix:" + path));

  EXPECT_TRUE(problems.empty());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weir::control
