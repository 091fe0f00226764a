// What holds for every checker, and for http over real sockets.
#include "health/checker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "health/h2_probe.h"
#include "health/test_server.h"

namespace weir::health {
namespace {

using Result = Answer::Result;

class Asking {
 public:
  explicit Asking(std::string_view protocol) : checker_(make_checker(protocol, reactor_)) {
    options.protocol = std::string(protocol);
    options.timeout = 5s;
  }
  ~Asking() { reactor_.turn(reactor_.now()); }

  Answer ask(const std::string& address) { return ask(address, nullptr); }
  // Raises the interrupt once the check waits.
  Answer ask(const std::string& address, net::Interrupt* interrupt) {
    const auto endpoint = make_endpoint(1, address);
    const net::Deadline deadline(system_clock().now() + options.timeout, interrupt);
    Task<Answer> task = checker_->check(*endpoint, options, deadline);
    task.start();
    if (interrupt) interrupt->raise();
    while (!task.done()) reactor_.turn(reactor_.now() + 100ms);
    return task.result();
  }

  HealthCheck options;

 private:
  net::Reactor reactor_{system_clock()};
  std::unique_ptr<Checker> checker_;
};

// Never accepts, and its backlog is full: who comes now gets no answer.
class FullListener {
 public:
  FullListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const net::Address any = address_of("127.0.0.1:0");
    EXPECT_EQ(::bind(fd_.get(), any.data(), any.length()), 0);
    EXPECT_EQ(::listen(fd_.get(), 0), 0);
    const net::Address self = net::local_address(fd_.get());
    for (auto& fd : waiting_) {
      fd = net::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(fd.get(), self.data(), self.length());
    }
  }
  std::string address() const { return net::local_address(fd_.get()).to_string(); }

 private:
  net::Fd fd_;
  std::array<net::Fd, 3> waiting_;
};

class EveryChecker : public testing::TestWithParam<std::string_view> {
 protected:
  Asking asking{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Registered, EveryChecker, testing::ValuesIn(checker_names()),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(EveryChecker, PassesAServerThatIsWell) {
  const TestServer server(kWell);

  EXPECT_EQ(asking.ask(server.address()).result, Result::passed);
}

TEST_P(EveryChecker, FailsWhereNobodyListens) {
  const Answer answer = asking.ask(on_port(free_port()));

  EXPECT_EQ(answer.result, Result::failed);
  EXPECT_EQ(answer.reason, "refused");
}

TEST_P(EveryChecker, AsksAtThePortOfTheCheck) {
  const TestServer server(kWell);
  asking.options.port = server.port();

  EXPECT_EQ(asking.ask(on_port(free_port())).result, Result::passed);
  EXPECT_TRUE(eventually([&] { return server.accepted() == 1; }));
}

TEST_P(EveryChecker, AsksOverAUnixSocket) {
  const std::string path = testing::TempDir() + "weir-health-" + std::to_string(::getpid());
  const TestServer server(kWell, "unix:" + path);
  asking.options.port = 1;  // a path has none

  EXPECT_EQ(asking.ask("unix:" + path).result, Result::passed);
  EXPECT_EQ(asking.ask("unix:" + path + "-none").reason, "refused");
  std::filesystem::remove(path);
}

TEST_P(EveryChecker, FailsANameThatNobodyResolved) {
  EXPECT_EQ(asking.ask("model.example:80").reason, "'model.example' is not an IP address");
}

TEST_P(EveryChecker, GivesUpWhereNoConnectionComesAbout) {
  const FullListener full;
  asking.options.timeout = 50ms;

  const Answer answer = asking.ask(full.address());

  EXPECT_EQ(answer.result, Result::failed);
  EXPECT_EQ(answer.reason, "timed out while connecting");
}

TEST_P(EveryChecker, EndsWhenInterrupted) {
  const FullListener full;
  net::Interrupt interrupt;

  EXPECT_EQ(asking.ask(full.address(), &interrupt).reason, "cancelled");
}

TEST_P(EveryChecker, LearnsNothingWhereWeirHasNoDescriptors) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "UBSan needs a descriptor to look at an object's type";
#endif
  const TestServer server(kWell);
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const net::Fd highest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const rlimit tight{static_cast<rlim_t>(highest.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::vector<net::Fd> taken;
  for (int fd = 0; fd >= 0;) taken.emplace_back(fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC));

  const Answer answer = asking.ask(server.address());

  taken.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(answer.result, Result::unknown);
  EXPECT_EQ(asking.ask(server.address()).result, Result::passed);
}

TEST(Checkers, HaveNoOtherNames) {
  net::Reactor reactor(system_clock());

  EXPECT_EQ(make_checker("smoke", reactor), nullptr);
}

// ---------------------------------------------------------------- grpc, http2

TEST(Grpc, BelievesWhatTheServiceSaysOfItself) {
  Asking asking("grpc");
  const TestServer server(well_of_h2(1));
  EXPECT_EQ(asking.ask(server.address()).reason, "SERVING");
  const TestServer unwell(well_of_h2(2));
  const Answer answer = asking.ask(unwell.address());
  EXPECT_EQ(answer.result, Result::failed);
  EXPECT_EQ(answer.reason, "NOT_SERVING");
}

TEST(Grpc, GoesByTheCodes) {
  Asking asking("grpc");
  const TestServer server(well_of_h2(1, "12"));
  EXPECT_EQ(asking.ask(server.address()).reason, "grpc-status 12");
  EXPECT_EQ(asking.ask(server.address()).result, Result::failed);
  asking.options.grpc_codes = {"10-12"};
  EXPECT_EQ(asking.ask(server.address()).result, Result::passed);
}

TEST(Grpc, AsksForAService) {
  Asking asking("grpc");
  asking.options.service = "ocr.Reader";
  const TestServer server(well_of_h2());

  EXPECT_EQ(asking.ask(server.address()).result, Result::passed);
  EXPECT_NE(server.request().find(std::string("\0\0\0\0\x0c\x0a\x0aocr.Reader", 17)),
            std::string::npos);
}

TEST(Grpc, FailsWhatIsNoHttp2) {
  Asking asking("grpc");
  const TestServer server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

  EXPECT_EQ(asking.ask(server.address()).result, Result::failed);
}

TEST(Grpc, ReadsTheAnswerOfTheService) {
  const auto message = [](std::string body) {
    return std::string{'\0', '\0', '\0', '\0', static_cast<char>(body.size())} + body;
  };
  EXPECT_EQ(serving_status(message("")), 0u);
  EXPECT_EQ(serving_status(message("\x08\x01")), 1u);
  EXPECT_EQ(serving_status(message("\x12\x03xyz\x08\x02")), 2u);
  EXPECT_EQ(serving_status(message("\x08\x80")), std::nullopt);
  EXPECT_EQ(serving_status(message("\x12\x09xyz")), std::nullopt);
  EXPECT_EQ(serving_status(message("\x0b")), std::nullopt);
  EXPECT_EQ(serving_status(""), std::nullopt);
  EXPECT_EQ(serving_status(std::string("\0\0\0\0\2\x08", 6)), std::nullopt);
  EXPECT_EQ(serving_status(std::string("\1\0\0\0\0", 5)), std::nullopt);
}

TEST(Http2, GoesByTheStatus) {
  Asking asking("http2");
  const TestServer server(well_of_h2(1, "0", "503"));

  const Answer answer = asking.ask(server.address());

  EXPECT_EQ(answer.result, Result::failed);
  EXPECT_EQ(answer.reason, "503");
}

// ---------------------------------------------------------------- http

class HttpChecker : public testing::Test {
 protected:
  Answer answer_to(std::string response) {
    server.respond(std::move(response));
    return asking.ask(server.address());
  }
  TestServer server{kWell};
  Asking asking{"http"};
};

TEST_F(HttpChecker, SendsAGetThatClosesTheConnection) {
  asking.options.path = "/healthz?deep=1";

  const Answer answer = asking.ask(server.address());

  EXPECT_EQ(answer.reason, "200 OK");
  EXPECT_EQ(server.request(), "GET /healthz?deep=1 HTTP/1.1\r\nHost: " + server.address() +
                                  "\r\nUser-Agent: weir-health\r\nAccept: */*\r\n"
                                  "Connection: close\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

TEST_F(HttpChecker, SendsTheHostThatIsConfigured) {
  asking.options.host = "model.internal";

  asking.ask(server.address());

  EXPECT_NE(server.request().find("\r\nHost: model.internal\r\n"), std::string::npos);
}

TEST_F(HttpChecker, JudgesByTheStatusCode) {
  EXPECT_EQ(answer_to(kSick).result, Result::failed);
  EXPECT_EQ(answer_to(kSick).reason, "503 Service Unavailable");
  asking.options.codes = {"200", "503"};
  EXPECT_EQ(answer_to(kSick).result, Result::passed);
  EXPECT_EQ(answer_to("HTTP/1.1 204 No Content\r\n\r\n").result, Result::failed);
  asking.options.codes = {"200-299"};
  EXPECT_EQ(answer_to("HTTP/1.1 204 No Content\r\n\r\n").result, Result::passed);
  EXPECT_EQ(answer_to("HTTP/1.1 599 Whatever\r\nContent-Length: 0\r\n\r\n").reason, "599");
}

TEST_F(HttpChecker, WaitsForTheFinalHead) {
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

  EXPECT_EQ(answer_to(early + early + kSick).reason, "503 Service Unavailable");
  EXPECT_EQ(answer_to(early).reason, "closed by the peer");
}

TEST_F(HttpChecker, TakesABodyOfAnyFraming) {
  EXPECT_EQ(answer_to("HTTP/1.0 200 OK\r\n\r\nup to the end").result, Result::passed);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "4\r\nfine\r\n0\r\n\r\n")
                .result,
            Result::passed);
}

TEST_F(HttpChecker, DropsABodyThatIsLargeOrDoesNotEnd) {
  const std::string large(1024 * 1024, 'x');
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";

  EXPECT_EQ(answer_to(head + "1048576\r\n\r\n" + large).result, Result::passed);
  EXPECT_EQ(answer_to(head + "1048577\r\n\r\n" + large).result, Result::passed);
}

TEST_F(HttpChecker, FailsAServerThatNeverAnswers) {
  server.respond(kSilent);
  asking.options.timeout = 50ms;
  const Time before = system_clock().now();

  const Answer answer = asking.ask(server.address());

  EXPECT_EQ(answer.result, Result::failed);
  EXPECT_EQ(answer.reason, "timed out");
  EXPECT_GE(system_clock().now() - before, 50ms);
  EXPECT_TRUE(eventually([&] { return server.open() == 0; }));
}

TEST_F(HttpChecker, EndsWhenInterruptedWhileItWaitsForTheAnswer) {
  server.respond(kSilent);
  net::Interrupt interrupt;

  EXPECT_EQ(asking.ask(server.address(), &interrupt).reason, "cancelled");
}

TEST_F(HttpChecker, FailsAnAnswerThatIsNotHttp) {
  EXPECT_TRUE(answer_to("SSH-2.0-OpenSSH_9.2\r\n").reason.starts_with("not HTTP: "));
  EXPECT_EQ(answer_to("SSH-2.0-OpenSSH_9.2\r\n").result, Result::failed);
  EXPECT_EQ(answer_to("HTTP/1.1 200 O").reason, "closed by the peer");
}

TEST(TcpChecker, PassesAServerThatAcceptsAndSaysNothing) {
  const TestServer server(kSilent);
  Asking asking("tcp");

  EXPECT_EQ(asking.ask(server.address()).reason, "connected");
  EXPECT_TRUE(eventually([&] { return server.accepted() == 1 && server.open() == 0; }));
}

}  // namespace
}  // namespace weir::health
