// The admin server with a real control behind it, asked over real sockets.
#include "api/native/admin_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

namespace weir::api {
namespace {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";
constexpr char kConfig[] = R"(
target_groups:
  ocr: { endpoints: [{ address: "127.0.0.1:9" }], health_check: { enabled: false } }
scaling_groups:
  ocr: { target_groups: [ocr], launch: { command: [/bin/sleep, "${WEIR_PORT}"] }, max: 0 }
)";

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
  bool has(const std::string& text) const { return body.find(text) != std::string::npos; }
};

// Sends the bytes and reads to the end of the connection.
Reply exchange(int fd, const sockaddr* address, socklen_t length, std::string bytes) {
  Reply reply;
  timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, address, length) != 0) return reply;
  ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string all;
  char piece[4096];
  ssize_t got = 0;
  while ((got = ::recv(fd, piece, sizeof piece, 0)) > 0)
    all.append(piece, static_cast<size_t>(got));
  ::close(fd);
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return reply;
  reply.head = all.substr(0, end);
  reply.body = all.substr(end + 4);
  reply.status = std::stoi(reply.head.substr(9, 3));
  return reply;
}

std::string request(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& fields, const std::string& host) {
  std::string text =
      method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + fields;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

constexpr char kJson[] = "Content-Type: application/json\r\n";
constexpr char kBearer[] = "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n";

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() {
    char name[] = "/tmp/weir-admin-XXXXXX";
    folder_ = ::mkdtemp(name);
    std::ofstream(folder_ / "token") << kToken;
    ::chmod((folder_ / "token").c_str(), 0600);
    std::ofstream(folder_ / "weir.yaml") << config();
    admin_.bind = "127.0.0.1:0";
    admin_.token_file = folder_ / "token";
    state_.path = folder_ / "state.db";
    std::promise<Result<>> listening;
    thread_ = std::thread([this, &listening] { run(listening); });
    const auto result = listening.get_future().get();
    if (!result) ADD_FAILURE() << result.error().message;
  }
  ~AdminServerTest() override {
    on_loop([this] { tasks_.spawn(end()); });
    thread_.join();
    EXPECT_FALSE(std::filesystem::exists(folder_ / "weir.sock"));
    std::filesystem::remove_all(folder_);
  }

  std::string config(const std::string& more = "") const {
    return "admin: { bind: 127.0.0.1:9901 }\nstate: { path: " + (folder_ / "state.db").string() +
           " }\n" + kConfig + more;
  }

  // Over TCP.
  Reply ask(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& fields = "", const std::string& host = "127.0.0.1") {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return exchange(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                    reinterpret_cast<const sockaddr*>(&address), sizeof address,
                    request(method, path, body, fields, host));
  }
  // Over the Unix socket.
  Reply own(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& fields = kJson) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder_ / "weir.sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
    return exchange(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                    reinterpret_cast<const sockaddr*>(&address), sizeof address,
                    request(method, path, body, fields, "localhost"));
  }
  void on_loop(std::function<void()> work) { reactor_.post(std::move(work)); }

  std::filesystem::path folder_;
  std::atomic<int> stops_{0};  // 1: weir alone, 2: with its instances

 private:
  void run(std::promise<Result<>>& listening) {
    observe::Registry registry;
    control::Outside outside;
    outside.publish = [](auto, const auto&, std::function<void()> then) { then(); };
    outside.latencies = [](const std::string&) { return observe::Distribution(); };
    control::Control control(reactor_, std::move(*state::Store::open(":memory:")),
                             std::move(outside), {}, 1);
    auto on_stop = [this](bool instances) { stops_ = instances ? 2 : 1; };
    AdminServer server(reactor_, control, registry, Options{"1.2.3", std::move(on_stop)});
    control_ = &control;
    server_ = &server;
    tasks_.spawn(begin(listening));
    reactor_.run();
  }
  Task<> begin(std::promise<Result<>>& listening) {
    Result<> result = server_->listen(admin_, state_);
    port_ = server_->port();
    const std::string path = folder_ / "weir.yaml";
    const control::Applied applied = co_await control_->start(path, load(path));
    for (const Mistake& mistake : applied.mistakes) {
      result = fail(Code::invalid, to_string(mistake));
    }
    if (const auto loaded = co_await server_->world().load(); !loaded) result = loaded;
    listening.set_value(std::move(result));
  }
  Task<> end() {
    co_await server_->stop();
    co_await control_->stop();
    reactor_.stop();
  }

  Admin admin_;
  State state_;
  std::uint16_t port_ = 0;
  net::Reactor reactor_{system_clock()};  // outlives the thread: others post to it
  control::Control* control_ = nullptr;
  AdminServer* server_ = nullptr;
  Scope tasks_;
  std::thread thread_;
};

TEST_F(AdminServerTest, SaysWhatRuns) {
  const Reply reply = ask("GET", "/api/v1/status");

  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("\"version\":\"1.2.3\"")) << reply.body;
  EXPECT_TRUE(reply.has("\"scaling_groups\":[{\"name\":\"ocr\"")) << reply.body;
  EXPECT_EQ(ask("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  EXPECT_EQ(ask("GET", "/metrics").status, 200);
  EXPECT_TRUE(ask("GET", "/").has("/api/v1/status"));
  EXPECT_TRUE(ask("GET", "/api/v1/activities?group=ocr").has("\"activities\":["));
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  const Reply reply = ask("HEAD", "/api/v1/status");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST_F(AdminServerTest, KeepsItsSocketToItself) {
  struct stat about{};
  ASSERT_EQ(::stat((folder_ / "weir.sock").c_str(), &about), 0);

  EXPECT_TRUE(S_ISSOCK(about.st_mode));
  EXPECT_EQ(about.st_mode & 07777, 0600u);
}

TEST_F(AdminServerTest, ChangesNothingForStrangers) {
  const std::string body = "{\"instances\":true}";

  EXPECT_EQ(ask("POST", "/api/v1/stop", body, kJson).status, 401);
  EXPECT_EQ(
      ask("POST", "/api/v1/stop", body, std::string(kJson) + "Authorization: Bearer x\r\n").status,
      401);
  EXPECT_EQ(ask("POST", "/api/v1/stop", body,
                std::string(kJson) + kBearer + "Origin: http://evil.test\r\n")
                .status,
            403);
  EXPECT_EQ(ask("POST", "/api/v1/stop", body, std::string(kJson) + kBearer, "evil.test").status,
            403);
  EXPECT_EQ(ask("POST", "/api/v1/stop", body, std::string(kBearer) + "Content-Type: text/plain\r\n")
                .status,
            415);
  EXPECT_EQ(ask("GET", "/api/v1/stop?instances=true", "", kBearer).status, 405);
  EXPECT_EQ(stops_, 0);
}

TEST_F(AdminServerTest, StopsForItsOwner) {
  EXPECT_EQ(own("POST", "/api/v1/stop", "", "").status, 200);
  EXPECT_EQ(own("GET", "/healthz").status, 200);  // comes behind the stop on the loop
  EXPECT_EQ(stops_, 1);
  EXPECT_EQ(
      ask("POST", "/api/v1/stop", "{\"instances\":true}", std::string(kJson) + kBearer).status,
      200);
  EXPECT_EQ(own("GET", "/healthz").status, 200);
  EXPECT_EQ(stops_, 2);
}

TEST_F(AdminServerTest, ShowsTheConfigurationToItsOwnerAlone) {
  EXPECT_EQ(ask("GET", "/api/v1/export").status, 401);
  EXPECT_TRUE(ask("GET", "/api/v1/export", "", kBearer).has("\"target_groups\""));
  const Reply yaml = own("GET", "/api/v1/export?format=yaml");
  EXPECT_TRUE(yaml.has("target_groups:\n")) << yaml.body;
  EXPECT_FALSE(yaml.has(kToken));
}

TEST_F(AdminServerTest, PlansAndAppliesABody) {
  const std::string text = config("log: { level: debug }\n") + "\nlisteners: {}\n";
  const std::string changed =
      std::string(text).replace(text.find("127.0.0.1:9\""), 12, "127.0.0.1:19\"");
  const std::string yaml = "Content-Type: application/yaml\r\n";

  const Reply plan = own("POST", "/api/v1/plan", changed, yaml);
  EXPECT_EQ(plan.status, 200) << plan.body;
  EXPECT_TRUE(plan.has("target_groups.ocr.endpoints")) << plan.body;
  EXPECT_FALSE(own("GET", "/api/v1/export").has("127.0.0.1:19"));

  EXPECT_EQ(own("POST", "/api/v1/apply", changed, yaml).status, 200);
  EXPECT_TRUE(own("GET", "/api/v1/export").has("127.0.0.1:19"));

  EXPECT_EQ(own("POST", "/api/v1/reload").status, 200);  // the file was never changed
  EXPECT_FALSE(own("GET", "/api/v1/export").has("127.0.0.1:19"));
}

TEST_F(AdminServerTest, AppliesAFileOfTheServer) {
  const auto path = folder_ / "weir.yaml";
  std::ofstream(path) << config("log: { level: debug }\n");

  const Reply reply = own("POST", "/api/v1/apply", "{\"path\":\"" + path.string() + "\"}");

  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_TRUE(reply.has("\"path\":\"log")) << reply.body;
  EXPECT_TRUE(reply.has("log takes effect at the next start")) << reply.body;
}

TEST_F(AdminServerTest, TellsAllMistakesAndChangesNothing) {
  const Reply reply = own("POST", "/api/v1/apply",
                          R"({"target_groups": {"ocr": {"algorithm": "best", "colour": 1}}})");

  EXPECT_EQ(reply.status, 422);
  EXPECT_TRUE(reply.has("target_groups.ocr.algorithm")) << reply.body;
  EXPECT_TRUE(reply.has("target_groups.ocr.colour")) << reply.body;
  EXPECT_TRUE(own("GET", "/api/v1/export").has("127.0.0.1:9\""));
}

TEST_F(AdminServerTest, ScalesWithinTheLimitsOfTheGroup) {
  const auto scale = [this](const std::string& group, const std::string& body) {
    return own("POST", "/api/v1/scaling_groups/" + group + "/scale", body).status;
  };

  EXPECT_EQ(scale("ocr", "{\"desired\": 0}"), 200);
  EXPECT_EQ(scale("ocr", "{\"desired\": 1}"), 422);
  EXPECT_EQ(scale("none", "{\"desired\": 0}"), 404);
  for (const char* body :
       {"{", "[]", "{\"desired\": -1}", "{\"desired\": \"two\"}", "{}", "\xff\xfe"}) {
    EXPECT_EQ(scale("ocr", body), 400) << body;
  }
}

TEST_F(AdminServerTest, DrainsAnEndpointAndTakesItBack) {
  EXPECT_EQ(own("POST", "/api/v1/drain", "{\"target\": \"127.0.0.1:9\"}").status, 200);
  EXPECT_EQ(own("POST", "/api/v1/drain", "{\"target\": \"127.0.0.1:9\", \"back\": true}").status,
            200);
  EXPECT_EQ(own("POST", "/api/v1/drain", "{\"target\": \"127.0.0.1:1\"}").status, 404);
  EXPECT_EQ(own("POST", "/api/v1/drain", "{\"back\": true}").status, 400);
}

TEST_F(AdminServerTest, KnowsNoLogOfAnUnknownInstance) {
  EXPECT_EQ(own("GET", "/api/v1/instances/i-none/log?lines=3").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/instances/i-none/log").status, 401);
}

TEST_F(AdminServerTest, KeepsWhatItsOwnerPushesAndReadsItBack) {
  const std::string body = R"({"name": "backlog", "dimensions": {"model": "a"}, "value": 7.5})";
  EXPECT_EQ(own("POST", "/api/v1/metrics", body).status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/metrics", body, kJson).status, 401);

  EXPECT_TRUE(ask("GET", "/api/v1/metrics").has("\"custom.backlog{model=a}\""));
  const Reply read = ask("GET", "/api/v1/metrics?name=custom.backlog%7Bmodel=a%7D");
  EXPECT_TRUE(read.has(",7.5]]")) << read.body;
  EXPECT_TRUE(ask("GET", "/api/v1/metrics?name=custom.backlog%7Bmodel=a%7D&minutes=5")
                  .has("\"points\":[]"));
  EXPECT_EQ(ask("GET", "/api/v1/metrics?name=custom.other").status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/metrics?name=%7B").status, 400);
  EXPECT_EQ(own("POST", "/api/v1/metrics", R"({"metrics": [{"name": "a"}]})").status, 400);
}

TEST_F(AdminServerTest, KnowsItsAlarms) {
  EXPECT_TRUE(ask("GET", "/api/v1/alarms").has("{\"alarms\":[]}"));
  EXPECT_EQ(ask("GET", "/api/v1/alarms/high").status, 404);
  const std::string drill = R"({"state": "ALARM", "reason": "a drill"})";
  EXPECT_EQ(own("POST", "/api/v1/alarms/high/state", drill).status, 404);
  EXPECT_EQ(own("POST", "/api/v1/alarms/high/state", R"({"state": "FINE"})").status, 400);
  const std::string more =
      "alarms: { high: { metric: custom.backlog, threshold: 5, period: 1h } }\n";
  ASSERT_EQ(own("POST", "/api/v1/apply", config(more), "Content-Type: application/yaml\r\n").status,
            200);

  EXPECT_EQ(own("POST", "/api/v1/alarms/high/state", drill).status, 200);

  const Reply told = ask("GET", "/api/v1/alarms/high");
  EXPECT_TRUE(told.has("\"state\":\"ALARM\"") && told.has("\"by_hand\":true")) << told.body;
  const Reply events = ask("GET", "/api/v1/events?follow=false");
  EXPECT_TRUE(events.has("\"kind\":\"alarm\"") && events.has("a drill")) << events.body;
  EXPECT_EQ(ask("HEAD", "/api/v1/events").status, 200);
  EXPECT_EQ(ask("GET", "/api/v1/events?after=yesterday").status, 400);
}

TEST_F(AdminServerTest, MakesAccessKeysForItsOwnerAlone) {
  const std::string wanted = R"({"name": "ci", "services": ["ec2"], "expires": "1h"})";
  EXPECT_EQ(ask("POST", "/api/v1/credentials", wanted, std::string(kJson) + kBearer).status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/credentials").status, 401);
  for (const char* bad : {R"({"name": "a b"})", R"({})", R"({"name": "a", "services": ["x"]})",
                          R"({"name": "a", "session": true})", R"({"name": "a", "expires": "1"})",
                          R"({"name": "a", "account": "1"})"}) {
    EXPECT_EQ(own("POST", "/api/v1/credentials", bad).status, 400) << bad;
  }
  EXPECT_TRUE(own("GET", "/api/v1/credentials", "", "").has("{\"credentials\":[]}"));

  const Reply made = own("POST", "/api/v1/credentials", wanted);

  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_TRUE(made.has("\"secret\":\"") && made.has("\"account\":\"000000000000\""));
  const std::string id = made.body.substr(made.body.find("AKIA"), 20);
  const Reply listed = own("GET", "/api/v1/credentials", "", "");
  EXPECT_TRUE(listed.has(id) && !listed.has("secret")) << listed.body;
  EXPECT_EQ(own("POST", "/api/v1/credentials/" + id + "/delete", "{}").status, 200);
  EXPECT_EQ(own("POST", "/api/v1/credentials/" + id + "/delete", "{}").status, 404);
}

TEST_F(AdminServerTest, TakesAwsCallsByTheirSignatureAlone) {
  const std::string form = "Action=GetCallerIdentity&Version=2011-06-15";
  const std::string type = "Content-Type: application/x-www-form-urlencoded\r\n";

  const Reply unsigned_one = ask("POST", "/", form, type);
  const Reply page = ask("POST", "/", form, type + "Origin: http://evil.test\r\n");
  const Reply token = ask("POST", "/", form, type + kBearer);

  EXPECT_EQ(unsigned_one.status, 403);
  EXPECT_TRUE(unsigned_one.has("MissingAuthenticationToken")) << unsigned_one.body;
  EXPECT_TRUE(page.has("AccessDenied")) << page.body;
  EXPECT_TRUE(token.has("IncompleteSignature")) << token.body;
  EXPECT_EQ(ask("GET", "/").status, 200);
}

TEST_F(AdminServerTest, RefusesBodiesWithoutBound) {
  const Reply told = own("POST", "/api/v1/apply", std::string(4 * 1024 * 1024 + 1, ' '));
  EXPECT_EQ(told.status, 413);

  std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  std::string chunks;
  for (int i = 0; i < 65; ++i) chunks += chunk;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder_ / "weir.sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
  const Reply streamed =
      exchange(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
               reinterpret_cast<const sockaddr*>(&address), sizeof address,
               "POST /api/v1/apply HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
               "Content-Type: application/json\r\n\r\n" +
                   chunks + "0\r\n\r\n");
  EXPECT_EQ(streamed.status, 413) << streamed.body;
}

TEST_F(AdminServerTest, InvitesNoOtherPage) {
  const Reply reply = ask("OPTIONS", "/api/v1/stop", "", "Origin: http://evil.test\r\n");

  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.head.find("Access-Control"), std::string::npos);
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/status", "", kBearer).status, 405);
}

}  // namespace
}  // namespace weir::api
