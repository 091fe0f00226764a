#include "net/datagram.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <string>

namespace weir::net {
namespace {

Address loopback(const char* text = "127.0.0.1:0") { return parse_address(text).value(); }

Fd client_of(int server) {
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const Address address = local_address(server);
  EXPECT_EQ(::connect(fd.get(), address.data(), address.length()), 0);
  return fd;
}

void say(const Fd& fd, const std::string& text) {
  EXPECT_EQ(::send(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

int received(DatagramBatch& batch, const Fd& fd, bool who) {
  pollfd wait{fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&wait, 1, 10'000), 1);
  return batch.receive(fd.get(), who);
}

TEST(DatagramBatch, TakesManyAtOnceWithTheirSenders) {
  const Fd server = bind_datagrams(loopback(), false).value();
  const Fd a = client_of(server.get()), b = client_of(server.get());
  DatagramBatch batch;
  EXPECT_EQ(batch.receive(server.get(), true), 0);

  say(a, "one");
  say(b, "");
  say(a, std::string(60'000, 'x'));

  ASSERT_EQ(received(batch, server, true), 3);
  EXPECT_EQ(batch[0].bytes, "one");
  EXPECT_EQ(batch[1].bytes, "");
  EXPECT_EQ(batch[2].bytes.size(), 60'000u);
  EXPECT_EQ(batch[0].from.to_string(), local_address(a.get()).to_string());
  EXPECT_EQ(batch[1].from.to_string(), local_address(b.get()).to_string());
}

TEST(DatagramBatch, AnswersFromTheAddressThatWasAsked) {
  const Fd server = bind_datagrams(loopback("0.0.0.0:0"), false).value();
  Fd client(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  Address third = loopback("127.0.0.3:0");
  third.set_port(local_address(server.get()).port());
  ASSERT_EQ(::connect(client.get(), third.data(), third.length()), 0);  // takes only its answers
  say(client, "ask");
  DatagramBatch batch;
  ASSERT_EQ(received(batch, server, true), 1);
  const Address from = batch[0].from;
  const Local at = *batch[0].at;

  EXPECT_EQ(batch.send(server.get(), 0, 1, &from, &at), 1);

  ASSERT_EQ(received(batch, client, false), 1);
  EXPECT_EQ(batch[0].bytes, "ask");
}

TEST(DatagramBatch, TellsWhenNobodyListensThere) {
  Fd server = bind_datagrams(loopback(), false).value();
  const Fd client = client_of(server.get());
  server.reset();
  say(client, "anybody?");
  DatagramBatch batch;

  EXPECT_EQ(received(batch, client, false), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
}

TEST(BindDatagrams, SharesAPortOnlyWhereAsked) {
  const Fd first = bind_datagrams(loopback(), true).value();
  const Address address = local_address(first.get());

  EXPECT_TRUE(bind_datagrams(address, true));
  const auto alone = bind_datagrams(address, false);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::conflict);
  EXPECT_TRUE(is_datagram_socket(first.get()));
}

TEST(Address, IsMadeOfTheBytesOfAnIp) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:80"}) {
    std::uint8_t bytes[16];
    const Address address = loopback(text);
    address.ip(bytes);
    EXPECT_EQ(Address::of_ip(bytes, 80).to_string(), text);
  }
}

}  // namespace
}  // namespace weir::net
