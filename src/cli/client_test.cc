// The commands that talk to a running weir, over a real Unix socket.
#include "cli/client.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "cli/test_shell.h"

namespace weir::cli {
namespace {

using Said = TestWeir::Said;

constexpr char kError[] =
    R"({"error":{"code":"not_found","message":"no scaling group 'x'","mistakes":[]}})";
constexpr char kMistakes[] =
    R"({"error":{"code":"invalid","message":"1 mistake","mistakes":[{"text":"a.yaml: in use"}]}})";
constexpr char kChanges[] =
    R"({"changes":[{"path":"target_groups.a","before":"","after":"{}"},
                   {"path":"target_groups.b","before":"{}","after":""},
                   {"path":"workers","before":"1","after":"2"}],
        "notes":["workers takes effect at the next start"]})";

class Commands : public testing::Test {
 protected:
  std::string socket() const { return folder_.path / "weir.sock"; }
  std::string config() const {
    const std::string path = folder_.path / "weir.yaml";
    std::ofstream(path) << "state: { path: " << (folder_.path / "state.db").string() << " }\n";
    return path;
  }
  // A command with --socket.
  int run(std::vector<std::string> words) {
    words.insert(words.end(), {"--socket", socket()});
    return shell_.run(std::move(words));
  }
  static TestWeir::Answer always(Said said) {
    return [said](const auto&, const auto&, const auto&) { return said; };
  }

  TestFolder folder_;
  TestShell shell_;
};

TEST_F(Commands, TellWhenNobodyAnswers) {
  EXPECT_EQ(run({"status"}), kFailed);
  EXPECT_NE(shell_.err.str().find("no weir answers on " + socket()), std::string::npos);
  EXPECT_NE(shell_.err.str().find("No such file"), std::string::npos) << shell_.err.str();
  EXPECT_EQ(run({"stop"}), kFailed);
}

TEST_F(Commands, TellWhatTheRunningWeirSays) {
  TestWeir weir(socket(), always({404, kError}));

  EXPECT_EQ(run({"scale", "x", "1"}), kFailed);

  EXPECT_EQ(shell_.err.str(), "weir: no scaling group 'x'\n");
}

TEST_F(Commands, SendWhatTheApiTakes) {
  TestWeir weir(socket(), always({}));

  EXPECT_EQ(run({"scale", "ocr large", "3"}), kGood);
  EXPECT_EQ(run({"drain", "10.0.0.7:9001"}), kGood);
  EXPECT_EQ(run({"drain", "a\"b", "--back"}), kGood);
  EXPECT_EQ(run({"stop", "--instances", "--no-wait"}), kGood);
  EXPECT_EQ(run({"logs", "i-1", "-n", "7"}), kGood);
  EXPECT_EQ(run({"export"}), kGood);

  EXPECT_EQ(weir.requests(), (std::vector<std::string>{
                                 "POST /api/v1/scaling_groups/ocr%20large/scale {\"desired\":3}",
                                 "POST /api/v1/drain {\"target\":\"10.0.0.7:9001\",\"back\":false}",
                                 "POST /api/v1/drain {\"target\":\"a\\\"b\",\"back\":true}",
                                 "POST /api/v1/stop {\"instances\":true}",
                                 "GET /api/v1/instances/i-1/log?lines=7",
                                 "GET /api/v1/export?format=yaml",
                             }));
}

TEST_F(Commands, FindTheSocketInTheEnvironment) {
  TestWeir weir(socket(), always({}));
  shell_.variables["WEIR_SOCKET"] = socket();

  EXPECT_EQ(shell_.run({"scale", "ocr", "1"}), kGood) << shell_.err.str();
}

TEST_F(Commands, GoOverTcpWithATokenWhereToldAnAddress) {
  TestWeir weir("127.0.0.1:0", always({200, kChanges}));
  const std::string address = "http://" + weir.address();
  const std::string token = (folder_.path / "token").string();
  std::ofstream(token) << "0123456789abcdef\n";
  ::chmod(token.c_str(), 0600);

  EXPECT_EQ(shell_.run({"scale", "ocr", "3", "--address", address, "--token-file", token}), kGood)
      << shell_.err.str();
  EXPECT_EQ(weir.authorizations().back(), "Bearer 0123456789abcdef");
  EXPECT_EQ(shell_.run({"apply", config(), "--address", weir.address()}), kGood);
  EXPECT_EQ(weir.authorizations().back(), "");
  EXPECT_NE(weir.requests().back().find("POST /api/v1/apply "), std::string::npos);
  EXPECT_EQ(weir.requests().back().find("\"path\""), std::string::npos) << "the file itself goes";

  shell_.variables["WEIR_ADDRESS"] = address;
  shell_.variables["WEIR_TOKEN_FILE"] = token;
  EXPECT_EQ(shell_.run({"drain", "a"}), kGood);
  EXPECT_EQ(weir.authorizations().back(), "Bearer 0123456789abcdef");
}

TEST_F(Commands, TellWhatIsWrongWithAnAddressOrAToken) {
  const std::string token = (folder_.path / "token").string();
  std::ofstream(token) << "0123456789abcdef\n";
  ::chmod(token.c_str(), 0644);
  const auto says = [&](std::vector<std::string> words, const std::string& what) {
    words.insert(words.begin(), {"scale", "ocr", "1"});
    EXPECT_NE(shell_.run(words), kGood);
    EXPECT_NE(shell_.err.str().find(what), std::string::npos) << shell_.err.str();
  };

  says({"--address", "https://127.0.0.1:1"}, "plain HTTP");
  says({"--address", "http://127.0.0.1"}, "write http://host:port");
  says({"--address", "http://127.0.0.1:1/x"}, "write http://host:port");
  says({"--address", "127.0.0.1:1", "--token-file", token}, "chmod 600");
  says({"--address", "127.0.0.1:1", "--token-file", token + "x"}, "No such file");
  says({"--address", "127.0.0.1:1", "--socket", "/x"}, "excludes");
  says({"--address", "no-such-host.invalid:1"}, "no-such-host.invalid");
}

TEST_F(Commands, FindTheSocketBesideTheStateOfTheFile) {
  TestWeir weir(socket(), always({200, kChanges}));

  EXPECT_EQ(shell_.run({"plan", config()}), kGood) << shell_.err.str();

  EXPECT_EQ(weir.requests().at(0), "POST /api/v1/plan {\"path\":\"" + config() + "\"}");
  EXPECT_EQ(shell_.out.str(),
            "+ target_groups.a: {}\n- target_groups.b: {}\n~ workers: 1 -> 2\n"
            "note: workers takes effect at the next start\nto do: 3 changes\n");
}

TEST_F(Commands, ApplyTellsMistakesThatOnlyTheRunningWeirSees) {
  TestWeir weir(socket(), always({422, kMistakes}));

  EXPECT_EQ(run({"apply", config()}), kUsage);

  EXPECT_EQ(shell_.err.str(), "a.yaml: in use\nweir: 1 mistake\n");
}

TEST_F(Commands, ApplySendsNothingThatCheckRefuses) {
  TestWeir weir(socket(), always({}));
  const std::string path = config();
  std::ofstream(path, std::ios::app) << "wrokers: 2\n";

  EXPECT_EQ(run({"apply", path}), kUsage);

  EXPECT_NE(shell_.err.str().find("wrokers"), std::string::npos);
  EXPECT_TRUE(weir.requests().empty());
}

TEST_F(Commands, ShowStatusAndLogs) {
  TestWeir weir(socket(), [](const std::string&, const std::string& target, const std::string&) {
    if (target.find("/log") != std::string::npos) {
      return Said{200, R"({"instance":"i-1","path":"/x","lines":["one","two \u001b"]})"};
    }
    return Said{200, R"({"version":"9.9.9","target_groups":[{"name":"ocr"}]})"};
  });

  EXPECT_EQ(run({"status"}), kGood);
  EXPECT_NE(shell_.out.str().find("weir 9.9.9"), std::string::npos) << shell_.out.str();
  EXPECT_NE(shell_.out.str().find("TARGET GROUP ocr"), std::string::npos);
  EXPECT_EQ(shell_.out.str().find('\x1b'), std::string::npos);  // no terminal, no colour
  EXPECT_EQ(run({"status", "--json"}), kGood);
  EXPECT_TRUE(shell_.out.str().starts_with("{\"version\""));
  EXPECT_EQ(run({"logs", "i-1"}), kGood);
  EXPECT_EQ(shell_.out.str(), "one\ntwo \x1b\n");
}

TEST_F(Commands, TakeLargeAnswersWhole) {
  const std::string line(1000, 'x');
  std::string body = "{\"lines\":[";
  for (int i = 0; i < 2000; ++i) body += (i ? ",\"" : "\"") + line + "\"";
  TestWeir weir(socket(), always({200, body + "]}"}));

  EXPECT_EQ(run({"logs", "i-1"}), kGood) << shell_.err.str();

  EXPECT_EQ(shell_.out.str().size(), 2000u * 1001);
}

TEST_F(Commands, TellAnAnswerThatIsNoJson) {
  TestWeir weir(socket(), always({200, "hello"}));

  EXPECT_EQ(run({"scale", "ocr", "1"}), kFailed);
  EXPECT_NE(shell_.err.str().find("no JSON"), std::string::npos) << shell_.err.str();
}

// The server lives in a child, which ends a moment after its answer: stop must see it end.
TEST_F(Commands, StopWaitsForTheEndOfTheProcess) {
  const std::string path = socket();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::atomic<bool> asked = false;
    TestWeir weir(path, [&asked](const auto&, const auto&, const auto&) {
      asked = true;
      return Said{};
    });
    [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
    while (!asked) ::usleep(1000);
    ::usleep(100'000);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);

  EXPECT_EQ(run({"stop"}), kGood) << shell_.err.str();

  EXPECT_EQ(shell_.out.str(), "stopped\n");
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), child);  // it has ended already
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(Commands, EventsListsAndFollows) {
  TestWeir weir(socket(), [](const auto&, const std::string& target, const auto&) {
    if (target == "/api/v1/events?follow=false&limit=20") {
      return Said{200, R"({"last": 7, "events": [{"id": 7, "time": "T1", "kind": "launch",)"
                       R"( "group": "ocr", "description": "Instance a", "cause": "it is well"}]})"};
    }
    return Said{200,
                "retry: 2000\n\nid: 8\nevent: alarm\n"
                "data: {\"id\":8,\"time\":\"T2\",\"kind\":\"alarm\",\"description\":\"high\"}\n\n"};
  });

  EXPECT_EQ(run({"events"}), kGood);
  EXPECT_EQ(shell_.out.str(), "T1  launch           ocr  Instance a (it is well)\n");
  shell_.out.str("");
  EXPECT_EQ(run({"events", "--follow", "--json"}), kFailed);  // weir has ended the stream

  EXPECT_TRUE(shell_.out.str().ends_with(
      "{\"id\":8,\"time\":\"T2\",\"kind\":\"alarm\",\"description\":\"high\"}\n"))
      << shell_.out.str();
  EXPECT_EQ(weir.requests().back(), "GET /api/v1/events?after=7");
}

TEST_F(Commands, AlarmsShowsAndSets) {
  TestWeir weir(socket(), [](const std::string& method, const std::string& target, const auto&) {
    const std::string one = R"({"name": "high", "state": "ALARM", "since": "T1", "metric": "load",)"
                            R"( "threshold": 5, "actions_enabled": false, "reason": "crossed")";
    if (method == "POST") return Said{200, "{}"};
    if (target == "/api/v1/alarms") return Said{200, R"({"alarms": [)" + one + "}]}"};
    return Said{200, one + R"(, "history": [{"time": "T0", "from": "OK", "to": "ALARM",)"
                           R"( "reason": "a drill", "by_hand": true}]})"};
  });

  EXPECT_EQ(run({"alarms"}), kGood);
  EXPECT_NE(shell_.out.str().find("ALARM (no actions)"), std::string::npos) << shell_.out.str();
  EXPECT_EQ(run({"alarms", "high"}), kGood);
  EXPECT_NE(shell_.out.str().find("a drill"), std::string::npos) << shell_.out.str();
  EXPECT_EQ(run({"alarms", "high", "--set", "OK"}), kGood);
  EXPECT_EQ(weir.requests().back(),
            R"(POST /api/v1/alarms/high/state {"state":"OK","reason":"set by hand"})");
  EXPECT_EQ(run({"alarms", "--set", "OK"}), kUsage);
}

TEST(UrlText, EscapesAllButPlainCharacters) {
  EXPECT_EQ(url_text("a-b_c.d~1"), "a-b_c.d~1");
  EXPECT_EQ(url_text("a/b ?\xc3\xa9"), "a%2Fb%20%3F%C3%A9");
}

}  // namespace
}  // namespace weir::cli
