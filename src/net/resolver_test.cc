#include "net/resolver.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "net/test_loop.h"

namespace weir::net {
namespace {

// A name server on loopback: A records for the names it was given, NXDOMAIN for others; silence for
// names that begin with "silent", and at first for those that begin with "lost".
class NameServer {
 public:
  struct Record {
    std::vector<std::string> addresses;
    std::uint32_t ttl;
  };
  explicit NameServer(std::map<std::string, Record> records)
      : records_(std::move(records)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const Address any = loopback();
    CHECK(::bind(socket_.get(), any.data(), any.length()) == 0);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  std::string address() const { return local_address(socket_.get()).to_string(); }
  int asked() const { return asked_; }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) != 1) continue;
      unsigned char question[512];
      sockaddr_storage from{};
      socklen_t length = sizeof from;
      const ssize_t n = ::recvfrom(socket_.get(), question, sizeof question, 0,
                                   reinterpret_cast<sockaddr*>(&from), &length);
      if (n < 17) continue;
      ++asked_;
      const std::string answer =
          reply(std::string(reinterpret_cast<char*>(question), static_cast<std::size_t>(n)));
      if (answer.empty()) continue;
      ::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from),
               length);
    }
  }
  std::string reply(const std::string& question) const {
    std::string name;
    std::size_t at = 12;
    while (question[at] != 0) {
      const auto size = static_cast<std::size_t>(question[at]);
      name += (name.empty() ? "" : ".") + question.substr(at + 1, size);
      at += size + 1;
    }
    ++at;
    const bool wants_v4 = question[at + 1] == 1;  // type A
    at += 4;
    if (name.starts_with("silent")) return "";
    if (name.starts_with("lost") && asked_ <= 2) return "";  // one for each family
    const auto found = records_.find(name);
    const bool known = found != records_.end();
    const std::size_t answers = known && wants_v4 ? found->second.addresses.size() : 0;
    std::string out = question.substr(0, at);
    out[2] = static_cast<char>(0x81);
    out[3] = static_cast<char>(known ? 0x80 : 0x83);  // NXDOMAIN
    out[6] = 0;
    out[7] = static_cast<char>(answers);
    std::memset(out.data() + 8, 0, 4);
    for (std::size_t i = 0; i < answers; ++i) {
      const std::uint32_t ttl = found->second.ttl + static_cast<std::uint32_t>(i);
      in_addr ip{};
      ::inet_pton(AF_INET, found->second.addresses[i].c_str(), &ip);
      out += std::string("\xc0\x0c\0\1\0\1", 6);
      for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(ttl >> shift & 0xff);
      out += std::string("\0\4", 2) + std::string(reinterpret_cast<char*>(&ip), 4);
    }
    return out;
  }

  std::map<std::string, Record> records_;
  Fd socket_;
  std::atomic<int> asked_{0};
  std::jthread thread_;
};

class ResolverTest : public testing::Test {
 protected:
  ~ResolverTest() override {
    resolver.reset();
    loop.settle();
  }
  void make(const std::string& servers = "") {
    auto made = Resolver::make(loop.reactor, servers);
    ASSERT_TRUE(made) << made.error().message;
    resolver = *std::move(made);
  }
  Result<Resolved> resolve(const std::string& name) {
    std::optional<Result<Resolved>> answer;
    resolver->resolve(name, [&](Result<Resolved> result) { answer = std::move(result); });
    EXPECT_FALSE(answer) << "answered inside resolve()";
    EXPECT_TRUE(loop.until([&] { return answer.has_value(); }, 15s));
    if (!answer) return fail(Code::internal, "no answer");
    return *answer;
  }
  static std::vector<std::string> hosts(const Resolved& resolved) {
    std::vector<std::string> out;
    for (const Address& address : resolved.addresses) out.push_back(address.host());
    return out;
  }
  TestLoop loop;
  std::unique_ptr<Resolver> resolver;
};

TEST_F(ResolverTest, KnowsLocalhostFromTheHostsFile) {
  make();
  const auto answer = resolve("localhost");

  ASSERT_TRUE(answer) << answer.error().message;
  const auto found = hosts(*answer);
  EXPECT_NE(std::find(found.begin(), found.end(), "127.0.0.1"), found.end());
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), found.size());
  EXPECT_GE(answer->valid, 1s);
}

TEST_F(ResolverTest, TakesAnAddressForItself) {
  make();
  const auto answer = resolve("192.0.2.1");

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(hosts(*answer), std::vector<std::string>{"192.0.2.1"});
}

TEST_F(ResolverTest, AsksAServerAndGivesSortedAddressesWithTheShortestTime) {
  NameServer server({{"models.weir.test", {{"10.0.0.9", "10.0.0.1", "10.0.0.5", "10.0.0.1"}, 30}}});
  make(server.address());
  const auto answer = resolve("models.weir.test");

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(hosts(*answer), (std::vector<std::string>{"10.0.0.1", "10.0.0.5", "10.0.0.9"}));
  EXPECT_EQ(answer->valid, 30s);
  EXPECT_GE(server.asked(), 1);
}

TEST_F(ResolverTest, TakesAtLeastASecondForATimeOfNothing) {
  NameServer server({{"short.weir.test", {{"10.0.0.1"}, 0}}});
  make(server.address());
  const auto answer = resolve("short.weir.test");

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->valid, 1s);
}

TEST_F(ResolverTest, SaysWhenANameDoesNotExist) {
  NameServer server({});
  make(server.address());
  const auto answer = resolve("none.weir.test");

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::not_found);
}

TEST_F(ResolverTest, AsksAgainWhenAnAnswerIsLost) {
  NameServer server({{"lost.weir.test", {{"10.0.0.1"}, 60}}});
  make(server.address());
  const auto answer = resolve("lost.weir.test");

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(hosts(*answer), std::vector<std::string>{"10.0.0.1"});
}

TEST_F(ResolverTest, AnswersManyQuestionsAtOnce) {
  std::map<std::string, NameServer::Record> records;
  for (int i = 0; i < 40; ++i) {
    records["n" + std::to_string(i) + ".weir.test"] = {{"10.0.1." + std::to_string(i)}, 60};
  }
  NameServer server(records);
  make(server.address());
  int right = 0, answered = 0;
  for (int i = 0; i < 40; ++i) {
    resolver->resolve("n" + std::to_string(i) + ".weir.test", [&, i](Result<Resolved> result) {
      ++answered;
      if (result)
        right += hosts(*result) == std::vector<std::string>{"10.0.1." + std::to_string(i)};
    });
  }

  EXPECT_TRUE(loop.until([&] { return answered == 40; }, 15s));
  EXPECT_EQ(right, 40);
}

TEST_F(ResolverTest, AnswersWhatIsPendingWhenItIsDestroyed) {
  NameServer server({});
  make(server.address());
  std::vector<Code> codes;
  for (int i = 0; i < 3; ++i) {
    resolver->resolve("silent" + std::to_string(i) + ".weir.test", [&](Result<Resolved> result) {
      codes.push_back(result ? Code::internal : result.error().code);
    });
  }
  loop.settle();
  EXPECT_TRUE(codes.empty());
  resolver.reset();

  EXPECT_EQ(codes, std::vector<Code>(3, Code::unavailable));
  loop.settle();
}

TEST_F(ResolverTest, MayBeAskedAgainByAnAnswer) {
  make();
  int answers = 0;
  std::function<void(Result<Resolved>)> again = [&](Result<Resolved>) {
    if (++answers < 5) resolver->resolve("localhost", again);
  };
  resolver->resolve("localhost", again);

  EXPECT_TRUE(loop.until([&] { return answers == 5; }));
}

TEST(Resolver, RefusesServersThatAreNoAddresses) {
  Reactor reactor(system_clock());

  EXPECT_FALSE(Resolver::make(reactor, "not an address"));
}

}  // namespace
}  // namespace weir::net
