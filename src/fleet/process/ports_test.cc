#include "fleet/process/ports.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/fd.h"

namespace weir::fleet {
namespace {

// Listens on a port of the kernel's choice.
struct Taken {
  explicit Taken(bool reuse_port = false) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (reuse_port) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(0, ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size));
    EXPECT_EQ(0, ::listen(fd.get(), 8));
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  net::Fd fd;
  std::uint16_t port = 0;
};

TEST(Ports, APortSomebodyListensOnIsNotFree) {
  const Taken plain;
  const Taken shared(true);

  EXPECT_FALSE(port_is_free(plain.port));
  EXPECT_FALSE(port_is_free(shared.port));
}

TEST(Ports, SkipsWhatSomebodyElseHas) {
  const Taken taken;
  Ports ports(taken.port, taken.port);

  const auto port = ports.take();

  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, Code::limit);
  EXPECT_EQ(port.error().message,
            "no port is free in " + std::to_string(taken.port) + "-" + std::to_string(taken.port));
}

TEST(Ports, TheOneUsedLastComesLast) {
  Ports ports(29900, 29909);

  const auto first = ports.take();
  ASSERT_TRUE(first);
  ports.give_back(*first);

  for (std::uint32_t i = 0; i + 1 < ports.free(); ++i) {
    const auto other = ports.take();
    if (!other) break;
    EXPECT_NE(*other, *first);
    ports.give_back(*other);
  }
}

TEST(Ports, HeldOnesAreNotGivenAndCounted) {
  Ports ports(29910, 29912);
  ports.hold(29910);
  ports.hold(29911);

  EXPECT_EQ(ports.free(), 1u);
  const auto port = ports.take();
  ASSERT_TRUE(port);
  EXPECT_EQ(*port, 29912);
  EXPECT_FALSE(ports.take());
  ports.give_back(29910);
  EXPECT_EQ(ports.take(), 29910);
}

TEST(Ports, ANewRangeCountsFromNowOn) {
  Ports ports(29920, 29921);
  ports.hold(29920);

  ports.set_range(29930, 29930);

  EXPECT_EQ(ports.free(), 1u);
  EXPECT_EQ(ports.take(), 29930);
}

TEST(Devices, AreGivenToOneAtATime) {
  Devices devices({"0", "1", "2"});

  const auto first = devices.take(2);
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(devices.free(), 1u);
  const auto second = devices.take(2);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::limit);
  EXPECT_EQ(second.error().message, "gpus: 2 asked for, 1 of 3 devices free");
  devices.give_back(*first);

  EXPECT_EQ(devices.free(), 3u);
}

TEST(Devices, NoneConfiguredIsSaid) {
  Devices devices({});

  const auto given = devices.take(1);

  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().message, "gpus: 1 asked for, but `devices` is empty");
  EXPECT_FALSE(devices.free());
}

TEST(Devices, AdoptedOnesKeepTheirsThroughAReload) {
  Devices devices({"0", "1"});
  devices.hold({"1"});

  devices.set({"1", "2"});

  EXPECT_EQ(devices.free(), 1u);
  EXPECT_EQ(devices.take(1), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace weir::fleet
