#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/stream.h"
#include "net/test_loop.h"

namespace weir::net {
namespace {

Task<> connect_once(Reactor& reactor, Address address, Deadline deadline,
                    std::optional<Connected>& result) {
  Connected connected = co_await connect(reactor, address, deadline);
  result.emplace(std::move(connected));
}

class ConnectTest : public testing::Test {
 protected:
  Io connect_to(const Address& address, Duration within = 5s, Interrupt* interrupt = nullptr) {
    result.reset();
    const Deadline deadline(system_clock().now() + within, interrupt);
    loop.scope.spawn(connect_once(loop.reactor, address, deadline, result));
    EXPECT_TRUE(loop.until([&] { return result.has_value(); }));
    return result ? result->status : Io::failed;
  }
  ~ConnectTest() override {
    result.reset();
    loop.settle();
  }
  TestLoop loop;
  std::optional<Connected> result;
};

TEST_F(ConnectTest, ReachesAListenerOverEachFamily) {
  const std::string path = testing::TempDir() + "weir-connect-" + std::to_string(::getpid());
  for (const std::string& text :
       {std::string("127.0.0.1:0"), std::string("[::1]:0"), "unix:" + path}) {
    const auto listener = listen_on(*parse_address(text), false);
    if (!listener && text[0] == '[') continue;  // no IPv6 here
    ASSERT_TRUE(listener) << text;
    const Address address = text[0] == 'u' ? *parse_address(text) : local_address(listener->get());

    ASSERT_EQ(connect_to(address), Io::ok) << text;
    const Fd accepted(::accept(listener->get(), nullptr, nullptr));
    send_all(accepted.get(), "hello");
    std::optional<Io> status;
    std::string bytes;
    loop.scope.spawn(read_once(*result->stream, kNever, status, bytes));
    EXPECT_TRUE(loop.until([&] { return status.has_value(); }));
    EXPECT_EQ(bytes, "hello") << text;
  }
  ::unlink(path.c_str());
}

TEST_F(ConnectTest, IsRefusedWhereNobodyListens) {
  Fd listener = *listen_on(loopback(), false);
  const Address address = local_address(listener.get());
  listener.reset();

  EXPECT_EQ(connect_to(address), Io::refused);
  EXPECT_FALSE(result->stream);
  EXPECT_EQ(connect_to(*parse_address("unix:/nonexistent/socket")), Io::refused);
}

// A listener with a full backlog drops further SYNs: the kernel retries for minutes.
class Saturated {
 public:
  Saturated() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const Address any = loopback();
    CHECK(::bind(listener_.get(), any.data(), any.length()) == 0);
    CHECK(::listen(listener_.get(), 0) == 0);
    for (int i = 0; i < 4; ++i) {
      Fd one(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const Address to = address();
      ::connect(one.get(), to.data(), to.length());
      fill_.push_back(std::move(one));
    }
  }
  Address address() const { return local_address(listener_.get()); }

 private:
  Fd listener_;
  std::vector<Fd> fill_;
};

TEST_F(ConnectTest, TimesOutWhereNobodyAnswers) {
  const Saturated silent;

  EXPECT_EQ(connect_to(silent.address(), 30ms), Io::timeout);
}

TEST_F(ConnectTest, CanBeInterrupted) {
  const Saturated silent;
  Interrupt interrupt;
  loop.reactor.defer([&] { interrupt.raise(); });

  EXPECT_EQ(connect_to(silent.address(), 5s, &interrupt), Io::cancelled);
}

TEST_F(ConnectTest, SeesAnEndThatCameWithTheConnection) {
  const Fd listener = *listen_on(loopback(), false);
  ASSERT_EQ(connect_to(local_address(listener.get())), Io::ok);
  {
    const Fd accepted(::accept(listener.get(), nullptr, nullptr));
    send_all(accepted.get(), "bye");
  }
  loop.settle();
  Got got;
  loop.scope.spawn(read_all(*result->stream, kNever, got));

  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.bytes, "bye");
}

}  // namespace
}  // namespace weir::net
