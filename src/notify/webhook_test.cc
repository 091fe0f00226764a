#include "notify/webhook.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "notify/signature.h"
#include "notify/test_receiver.h"

namespace weir::notify {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr Pace kQuick{1ms, 2ms};

Task<> keep(Task<Result<Posted>> task, std::optional<Result<Posted>>& result) {
  result = co_await task;
}

std::string field(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == request.npos) return "";
  const auto begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

class WebhookPosts : public ::testing::Test {
 protected:
  WebhookPosts() { options_.url = receiver_.url(); }

  Result<Posted> post() {
    std::optional<Result<Posted>> result;
    Message message{"launch", "41", R"({"id":41})"};
    auto task = webhooks_.post(options_, std::move(message), &stop_);
    EXPECT_TRUE(loop_.run(keep(std::move(task), result)));
    return result ? *result : Result<Posted>(fail(Code::internal, "no result"));
  }

  net::TestLoop loop_;
  Receiver receiver_{loop_};
  net::Interrupt stop_;
  Webhooks webhooks_{loop_.reactor, nullptr, kSeed, kQuick};
  Webhook options_;
};

TEST_F(WebhookPosts, SayWhatHappenedAndWho) {
  receiver_.answers = {answer_of("202 Accepted", "fine")};

  const auto posted = post();

  ASSERT_TRUE(posted) << posted.error().message;
  EXPECT_EQ(posted->status, 202);
  EXPECT_EQ(posted->body, "fine");
  const std::string& request = receiver_.requests.at(0);
  EXPECT_TRUE(request.starts_with("POST /hook?a=1 HTTP/1.1\r\n")) << request;
  EXPECT_EQ(field(request, "Content-Type"), "application/json");
  EXPECT_EQ(field(request, "Weir-Event"), "launch");
  EXPECT_EQ(field(request, "Weir-Event-Id"), "41");
  EXPECT_EQ(field(request, "Weir-Signature"), "");
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"id\":41}")) << request;
}

TEST_F(WebhookPosts, AreSigned) {
  options_.secret = "s3cret";

  ASSERT_TRUE(post());

  const std::string& request = receiver_.requests.at(0);
  const std::int64_t at = std::stoll(field(request, "Weir-Timestamp"));
  EXPECT_EQ(field(request, "Weir-Signature"), "sha256=" + signature("s3cret", at, R"({"id":41})"));
}

TEST_F(WebhookPosts, ReadTheSecretFileEachTime) {
  const std::string path = ::testing::TempDir() + "weir-webhook-secret";
  options_.secret_file = path;
  std::ofstream(path) << "first\n";
  ASSERT_TRUE(post());
  std::ofstream(path) << "second\n";
  ASSERT_TRUE(post());

  for (const auto& [request, secret] : {std::pair(receiver_.requests.at(0), "first"),
                                        std::pair(receiver_.requests.at(1), "second")}) {
    const std::int64_t at = std::stoll(field(request, "Weir-Timestamp"));
    EXPECT_EQ(field(request, "Weir-Signature"), "sha256=" + signature(secret, at, R"({"id":41})"));
  }
  std::remove(path.c_str());
  EXPECT_EQ(post().error().code, Code::invalid);
}

TEST_F(WebhookPosts, AreTriedAgainAfterFailures) {
  receiver_.answers = {answer_of("500 Internal Server Error"), answer_of("429 Too Many Requests")};

  const auto posted = post();

  ASSERT_TRUE(posted) << posted.error().message;
  EXPECT_EQ(receiver_.requests.size(), 3);
  EXPECT_EQ(field(receiver_.requests[2], "Weir-Event-Id"), "41");
}

TEST_F(WebhookPosts, AreGivenUpAfterTheLastRetry) {
  options_.retries = 2;
  receiver_.answers = {answer_of("503 Service Unavailable"), answer_of("503 Service Unavailable"),
                       answer_of("502 Bad Gateway")};

  const auto posted = post();

  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().message, "it answered 502 Bad Gateway");
  EXPECT_EQ(receiver_.requests.size(), 3);
}

TEST_F(WebhookPosts, AreNotTriedAgainWhereTheReceiverDoesNotWantThem) {
  for (const char* status : {"400 Bad Request", "410 Gone", "301 Moved Permanently"}) {
    receiver_.requests.clear();
    receiver_.answers = {answer_of(status)};

    const auto posted = post();

    ASSERT_FALSE(posted);
    EXPECT_EQ(posted.error().code, Code::denied);
    EXPECT_EQ(receiver_.requests.size(), 1);
  }
}

TEST_F(WebhookPosts, EndAnAttemptThatHangs) {
  options_.timeout = 100ms;
  options_.retries = 0;
  receiver_.answers = {""};

  const auto posted = post();

  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::timeout);
}

TEST_F(WebhookPosts, TellThatNobodyListens) {
  options_.retries = 1;
  {
    const net::Fd gone = *net::listen_on(net::loopback(), false);
    options_.url = "http://" + net::local_address(gone.get()).to_string();
  }

  const auto posted = post();

  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::unavailable);
  EXPECT_NE(posted.error().message.find("connecting to 127.0.0.1:"), std::string::npos);
}

TEST_F(WebhookPosts, EndAtOnceWhenStopped) {
  std::optional<Result<Posted>> result;
  receiver_.answers = {""};
  auto task = webhooks_.post(options_, Message{}, &stop_);
  loop_.scope.spawn(keep(std::move(task), result));
  ASSERT_TRUE(loop_.until([&] { return !receiver_.requests.empty(); }));

  stop_.raise();

  ASSERT_TRUE(loop_.until([&] { return result.has_value(); }));
  EXPECT_FALSE(*result);
}

TEST_F(WebhookPosts, SayThatACaFileIsNoGood) {
  options_.url = "https://" + options_.url.substr(7);
  options_.ca = "/does/not/exist.pem";

  const auto posted = post();

  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::invalid);
  EXPECT_TRUE(posted.error().message.starts_with("ca /does/not/exist.pem: "));
}

}  // namespace
}  // namespace weir::notify
