#include "model/desired_decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace weir {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> fixtures(const std::string& folder) {
  return files_of(fs::path(WEIR_SOURCE) / "tests/fixtures" / folder);
}

std::string all(const Loaded& loaded) {
  std::string text;
  for (const Mistake& mistake : loaded.mistakes) text += to_string(mistake) + '\n';
  return text;
}

// Each mistake of a file is a line `# expect: LINE:COLUMN: path: what it starts with`.
TEST(ConfigMistakes, AreEachReportedWithTheirPlace) {
  const auto files = fixtures("config_mistakes");
  ASSERT_GE(files.size(), 60u);
  for (const fs::path& file : files) {
    std::vector<std::string> expected;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
      constexpr std::string_view kMark = "# expect: ";
      if (line.starts_with(kMark)) expected.push_back(line.substr(kMark.size()));
    }
    ASSERT_FALSE(expected.empty()) << file;

    const Loaded loaded = load(file.string(), Host{});

    EXPECT_EQ(loaded.mistakes.size(), expected.size()) << all(loaded);
    for (std::size_t i = 0; i < std::min(loaded.mistakes.size(), expected.size()); ++i) {
      const std::string text = to_string(loaded.mistakes[i]);
      EXPECT_TRUE(text.starts_with(file.string() + ":" + expected[i])) << text;
      EXPECT_FALSE(loaded.mistakes[i].remedy.empty()) << text;
    }
  }
}

TEST(Load, AcceptsTheGoodFiles) {
  const auto files = fixtures("config_good");
  ASSERT_FALSE(files.empty());
  for (const fs::path& file : files) {
    const Loaded loaded = load(file.string(), Host{});

    EXPECT_EQ(all(loaded), "");
    EXPECT_FALSE(loaded.desired.listeners.empty()) << file;
  }
}

TEST(Load, AcceptsTheExamples) {
  for (const auto& entry : fs::directory_iterator(fs::path(WEIR_SOURCE) / "examples")) {
    const fs::path file = entry.path() / "weir.yaml";
    if (!fs::exists(file)) continue;
    EXPECT_EQ(all(load(file.string(), Host{})), "");
  }
}

Desired everything() {
  return load((fs::path(WEIR_SOURCE) / "tests/fixtures/config_good/everything.yaml").string(),
              Host{})
      .desired;
}

TEST(Load, DecodesListenersAndTheirRules) {
  const Listener listener = everything().listeners.at("public");

  EXPECT_EQ(listener.bind, (Names{"0.0.0.0:8080", "[::]:8080", "unix:/run/weir/public.sock"}));
  EXPECT_TRUE(listener.keep_half_closed);
  EXPECT_EQ(listener.limits, (ListenerLimits{Bytes{16384}, 50, Bytes{104857600}, 5s, 60s, 120s,
                                             10000, 50, 60s, 30s, 500}));
  ASSERT_EQ(listener.rules.size(), 5u);
  const Rule& rule = listener.rules[0];
  EXPECT_EQ(rule.name, "ocr");
  EXPECT_EQ(rule.priority, 10);
  EXPECT_EQ(rule.match.host, (Names{"ocr.example", "*.ocr.example"}));
  EXPECT_EQ(rule.match.header.at(0), (std::pair<std::string, Names>{"X-Tenant", {"red", "blue*"}}));
  EXPECT_EQ(rule.match.header.at(1), (std::pair<std::string, Names>{"Accept", {"*"}}));
  EXPECT_EQ(rule.match.query.at(0).second, (Names{"de", "en"}));
  EXPECT_EQ(rule.match.source.size(), 3u);
  EXPECT_EQ(rule.match.query_any.at(1), (std::pair<std::string, Names>{"", {"*beta*"}}));
  EXPECT_EQ(rule.action, Action(Forward{{{"ocr", 9}, {"ocr_next", 1}}, 1h}));
  EXPECT_EQ(listener.rules[3].action, Action(Forward{{{"ocr", 9}, {"ocr_next", 1}}}));
  EXPECT_EQ(rule.retry, (RouteRetry{3, Names{"5xx", "429"}, "any", 5s, 5ms, 50ms, Bytes{2097152}}));
  EXPECT_EQ(rule.timeouts, (RouteTimeouts{3s, 2min, 20s, 3min, 10min}));
  EXPECT_EQ(rule.queue_class, "chat");
  EXPECT_EQ(rule.rate_limits, (std::vector{RateLimit{"header:X-User", Rate{600, 1min}, 30, 1000},
                                           RateLimit{"route", Rate{5, 100ms}, 0, 65536}}));
  EXPECT_EQ(listener.rate_limits, (std::vector{RateLimit{"source", Rate{100, 1s}, 200, 65536}}));
  EXPECT_EQ(listener.rules[1].action,
            Action(Redirect{301, "https", "new.example", 8443, "/", "a=b"}));
  EXPECT_EQ(listener.rules[2].action,
            Action(Respond{418, "application/json", "{\"short\": \"and stout\"}\n"}));
  EXPECT_EQ(listener.rules[4].action,
            Action(Redirect{302, "#{protocol}", "www.#{host}", 0, "/x/#{path}", "#{query}"}));
  EXPECT_EQ(listener.default_action, Action(Forward{{{"ocr", 1}}}));
}

TEST(Load, DecodesWhatRulesDoBesideTheirAction) {
  const Listener listener = everything().listeners.at("public");

  const Rule& rule = listener.rules[0];
  EXPECT_EQ(rule.access, (Access{{"10.0.0.0/8", "192.0.2.7"}, {"10.6.6.0/24"}, "", ""}));
  EXPECT_EQ(rule.headers.request,
            (HeaderEdits{
                {"Cookie"}, {{"X-Rule", "ocr"}}, {{"X-From", "#{protocol}://#{host}/#{path}"}}}));
  EXPECT_EQ(rule.headers.response.remove, Names{"Server"});
  EXPECT_EQ(rule.rewrite,
            (Rewrite{"$1.inner", "*.example", "/$1", "", "/ocr/*", "", "", "q=#{query}"}));
  EXPECT_EQ(rule.mirror, (Mirror{"hashed", 0.25}));
  EXPECT_EQ(listener.access.deny, (Names{"10.1.0.0/16", "2001:db8::/32"}));
  EXPECT_EQ(listener.headers.response.set.size(), 1u);
}

TEST(Validate, ReadsTheFilesOfAccessLists) {
  Desired desired = everything();
  desired.listeners.at("inner").access.deny_file = "/lists/deny";
  Host host;
  host.local_ports = {40000, 60999};
  std::string text = "10.0.0.0/8\n# none\n";
  host.read_file = [&](const std::string& path) -> Result<std::string> {
    EXPECT_EQ(path, "/lists/deny");
    return text;
  };
  EXPECT_TRUE(mistakes_of(desired, host).empty());

  text += "10.0.0.0/8/8\nsecret\n";

  const auto mistakes = mistakes_of(desired, host);
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_NE(
      to_string(mistakes[0]).find("line 3 of /lists/deny is not a CIDR block, nor are 1 more"),
      std::string::npos)
      << to_string(mistakes[0]);
  EXPECT_EQ(to_string(mistakes[0]).find("secret"), std::string::npos);
}

TEST(Load, DecodesTargetGroups) {
  const Desired desired = everything();
  const TargetGroup& group = desired.target_groups.at("ocr");

  EXPECT_EQ(group.algorithm.name, "peak_ewma");
  EXPECT_EQ(group.algorithm.decay, 5s);
  ASSERT_EQ(group.endpoints.size(), 5u);
  EXPECT_EQ(group.endpoints[0], (StaticEndpoint{"127.0.0.1:9001", 1, ""}));
  EXPECT_EQ(group.endpoints[4], (StaticEndpoint{"127.0.0.1:9002", 3, "east-1a"}));
  EXPECT_EQ(group.max_in_flight, 2u);
  EXPECT_EQ(group.queue,
            (Queue{10, Bytes{1048576}, 5s, {"chat", "batch"}, "X-Class", "batch", 2s}));
  EXPECT_EQ(group.health_check.codes, (Names{"200", "204", "300-399"}));
  EXPECT_EQ(group.protocol_version, "HTTP1");
  const TargetGroup& calls = desired.target_groups.at("calls");
  EXPECT_EQ(calls.protocol_version, "GRPC");
  EXPECT_EQ(calls.health_check.service, "ocr.Reader");
  EXPECT_EQ(calls.health_check.grpc_codes, (Names{"0", "12-14"}));
  EXPECT_EQ(group.health_check.port, 9100);
  EXPECT_EQ(group.outlier, (Outlier{true, 3, 1s, 60s, 0.25, 10s, {}, {}, {}}));
  EXPECT_EQ(group.retry, (Retry{2,
                                "safe_methods",
                                0.1,
                                1,
                                10ms,
                                100ms,
                                Bytes{65536},
                                {"connect-failure", "gateway-error", "429"},
                                20s}));
  EXPECT_EQ(group.timeouts, (Timeouts{1s, 60s, 30s, 90s, 1h}));
  EXPECT_EQ(group.hedge, (Hedge{true, 99, 0.1, 20ms, 50}));
  EXPECT_EQ(group.adaptive_concurrency, (AdaptiveConcurrency{true, 1, 2, 64, 2, 200ms, 60s}));
  EXPECT_EQ(group.stickiness, (Stickiness{"lb_cookie", 1h, "OCR"}));
  EXPECT_EQ(group.panic_threshold, 0.3);
  EXPECT_EQ(group.max_idle_connections, 16u);
  const Algorithm& ring = desired.target_groups.at("hashed").algorithm;
  EXPECT_EQ(ring.name, "ring_hash");
  EXPECT_EQ(ring.key, "header:X-User");
  EXPECT_EQ(ring.points, 100u);
  EXPECT_EQ(ring.balance_factor, 2);
  EXPECT_EQ(desired.target_groups.at("table").algorithm.table, 251u);
  EXPECT_EQ(desired.target_groups.at("ocr_next").algorithm.name, "weighted_round_robin");
}

TEST(Load, DecodesScalingGroupsAndTheProcess) {
  const Desired desired = everything();
  const ScalingGroup& group = desired.scaling_groups.at("ocr");

  EXPECT_EQ(group.target_groups, (Names{"ocr", "ocr_next"}));
  EXPECT_EQ(group.launch.command.at(4), "ocr ${WEIR_INSTANCE}");
  EXPECT_EQ(group.launch.environment,
            (Named<std::string>{{"EMPTY", ""}, {"OMP_THREAD_LIMIT", "1"}, {"TEXT", "a: b # c"}}));
  EXPECT_EQ(group.launch.cpus, 1.5);
  EXPECT_EQ(group.launch.memory, Bytes{512 * 1024 * 1024});
  EXPECT_EQ(group.launch.start_timeout, 120s);
  EXPECT_EQ(group.desired, 2u);
  EXPECT_EQ(group.drain_limit, Duration(1h));
  ASSERT_EQ(group.policies.size(), 4u);
  EXPECT_EQ(kind_of(group.policies[0]), "target_tracking");
  EXPECT_EQ(group.policies[0].target_tracking,
            (TargetTracking{"in_flight_per_endpoint", 1.5, 0.2, 30s, false}));
  EXPECT_EQ(group.policies[2].target_tracking->metric, "backlog");
  EXPECT_EQ(group.policies[3].name, "add_one");
  EXPECT_EQ(kind_of(group.policies[3]), "step");
  EXPECT_FALSE(group.policies[3].step->alarm);
  const Notification& ops = desired.notifications.at("ops");
  EXPECT_EQ(ops.scaling_groups, Names{"ocr"});
  EXPECT_EQ(ops.webhook->retries, 3u);
  EXPECT_EQ(desired.notifications.at("pager").command, (Names{"page", "--urgent"}));
  const AlarmResource& high = desired.alarms.at("high");
  EXPECT_EQ(high.alarm.metric, "load");
  EXPECT_EQ(high.alarm.datapoints_to_alarm, 2u);
  EXPECT_EQ(high.on_alarm, (std::vector<AlarmAction>{{"ocr", "add_one", ""}, {"", "", "ops"}}));
  EXPECT_FALSE(desired.alarms.at("slow").actions_enabled);
  EXPECT_EQ(desired.admin, (Admin{"0.0.0.0:9902", "/run/weir/admin.sock", "/etc/weir/token", {}}));
  EXPECT_EQ(desired.log, (Log{"debug", "json", "/tmp/weir/weir.log"}));
  EXPECT_EQ(desired.devices, (Names{"0", "1", "GPU-8932f937"}));
  EXPECT_EQ(desired.drain_timeout, 600s);
  EXPECT_EQ(desired.workers, 4u);
}

TEST(Load, MergesAFolder) {
  std::string name = (fs::temp_directory_path() / "weir_load_XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  std::ofstream(folder / "a.yaml")
      << "listeners: { a: { bind: 127.0.0.1:1, default: { forward: g } } }";
  std::ofstream(folder / "b.yaml") << "target_groups: { g: {} }";

  const Loaded loaded = load(folder.string(), Host{});

  EXPECT_EQ(all(loaded), "");
  EXPECT_EQ(loaded.desired.target_groups.size(), 1u);
  fs::remove_all(folder);
}

TEST(Load, AMissingFileIsAMistake) {
  EXPECT_NE(all(load("/nonexistent/weir.yaml", Host{})).find("cannot be read"), std::string::npos);
}

TEST(LoadJson, ReadsWhatYamlReadsAndNamesPathsAlone) {
  const Loaded good =
      load_json(R"({"target_groups": {"a": {"max_in_flight": 3}}})", "body", Host{});
  const Loaded bad =
      load_json(R"({"target_groups": {"a": {"max_in_flight": "x"}}})", "body", Host{});

  EXPECT_EQ(all(good), "");
  EXPECT_EQ(good.desired.target_groups.at("a").max_in_flight, 3u);
  EXPECT_EQ(all(bad),
            "body: target_groups.a.max_in_flight: 'x' is not a whole number: write digits only, "
            "such as 10\n");
}

TEST(MistakesOf, ChecksWhatDidNotComeFromAText) {
  Desired desired;
  EXPECT_TRUE(mistakes_of(desired, Host{}).empty());
  desired.listeners["a"].bind = {"127.0.0.1:70000"};
  desired.listeners["a"].default_action = Forward{{{"gone", 1}}};
  desired.scaling_groups["b"].max = 3;

  std::vector<std::string> paths;
  for (const Mistake& mistake : mistakes_of(desired, Host{})) paths.push_back(mistake.path);

  EXPECT_EQ(paths, (Names{"listeners.a.bind[0]", "scaling_groups.b.launch.command",
                          "listeners.a.default.forward", "scaling_groups.b.target_groups"}));
}

TEST(Validate, LetsAGroupBeWithoutTargetGroupsWhereItsProcessesSayThatTheyAreHealthy) {
  const std::string yaml =
      "aws: { images: { ami-1: { command: [s, \"${WEIR_PORT}\"] } }, instance_types: { t3.micro: { "
      "cpus: 1 } } }\nscaling_groups:\n  g: { health: process, launch: { command: [s, "
      "\"${WEIR_PORT}\"] } }\n";

  EXPECT_EQ(all(load_text(yaml, "f", Host{})), "");
}

TEST(Validate, TakesTheKernelsPortsFromTheHost) {
  const std::string yaml =
      "target_groups: { g: {} }\nscaling_groups:\n  g: { target_groups: g, launch: { command: "
      "[s, \"${WEIR_PORT}\"] } }\n";

  EXPECT_EQ(all(load_text(yaml, "f", Host{{30000, 40000}, {}})), "");
  EXPECT_NE(all(load_text(yaml, "f", Host{{29999, 40000}, {}})).find("ports: 20000-29999 overlaps"),
            std::string::npos);
  EXPECT_EQ(all(load_text(yaml, "f", Host{{1024, 65535}, {{8080, 8080}, {20000, 29999}}})), "");
  EXPECT_NE(all(load_text(yaml, "f", Host{{1024, 65535}, {{20000, 29998}}})), "");
  EXPECT_GT(this_host().local_ports.last, 0);
}

}  // namespace
}  // namespace weir
