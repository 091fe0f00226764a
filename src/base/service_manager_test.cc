#include "base/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace weir {
namespace {

// A manager's end: an abstract datagram socket of this process.
class Manager {
 public:
  Manager() : name_("@weir-test-" + std::to_string(getpid())), fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  ~Manager() { close(fd_); }

  const std::string& name() const { return name_; }
  std::string heard() {
    std::array<char, 256> buffer{};
    const ssize_t n = recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    return n < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(n));
  }

 private:
  std::string name_;
  int fd_;
};

TEST(ServiceManager, TellsTheManagerThatAsked) {
  Manager manager;
  setenv("NOTIFY_SOCKET", manager.name().c_str(), 1);

  const auto service = ServiceManager::from_environment();

  EXPECT_TRUE(service.tell("READY=1"));
  EXPECT_EQ(manager.heard(), "READY=1");
}

TEST(ServiceManager, LeavesNothingToItsChildren) {
  setenv("NOTIFY_SOCKET", "@nobody", 1);
  setenv("WATCHDOG_USEC", "1000", 1);
  setenv("WATCHDOG_PID", "1", 1);

  ServiceManager::from_environment();

  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
  EXPECT_EQ(std::getenv("WATCHDOG_PID"), nullptr);
}

TEST(ServiceManager, SaysNothingWhereNobodyAsked) {
  unsetenv("NOTIFY_SOCKET");
  EXPECT_FALSE(ServiceManager::from_environment().tell("READY=1"));
  setenv("NOTIFY_SOCKET", "@weir-test-gone", 1);
  EXPECT_FALSE(ServiceManager::from_environment().tell("READY=1"));
  setenv("NOTIFY_SOCKET", "relative", 1);
  EXPECT_FALSE(ServiceManager::from_environment().tell("READY=1"));
}

TEST(ServiceManager, FeedsTheWatchdogTwiceInItsTime) {
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager::from_environment().watchdog_interval(), std::chrono::seconds(15));

  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::from_environment().watchdog_interval().count(), 0);
}

}  // namespace
}  // namespace weir
