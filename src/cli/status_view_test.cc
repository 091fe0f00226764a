#include "cli/status_view.h"

#include <gtest/gtest.h>

#include "cli/status_decode.h"
#include "cli/table.h"
#include "config/json.h"

namespace weir::cli {
namespace {

control::Status example() {
  control::Status status;
  status.version = "0.1.0";
  status.uptime_seconds = 200;
  status.config = "/etc/weir.yaml";
  status.snapshot = 4;
  status.listeners.push_back({"public", {"0.0.0.0:8080"}, "http", 2});
  auto& group = status.target_groups.emplace_back();
  group.name = "ocr";
  group.algorithm = "peak_ewma";
  group.in_flight = 2;
  group.waiting = 3;
  auto& endpoint = group.endpoints.emplace_back();
  endpoint.address = "127.0.0.1:20000";
  endpoint.state = "unhealthy";
  endpoint.reason = "503 Service Unavailable";
  endpoint.latency_seconds = 0.0123;
  auto& scaling = status.scaling_groups.emplace_back();
  scaling.name = "ocr";
  scaling.max = 4;
  scaling.desired = 2;
  scaling.target_groups = {"ocr"};
  auto& instance = scaling.instances.emplace_back();
  instance.id = "i-1";
  instance.state = "pending";
  instance.reason = "no free GPU";
  scaling.notes = {"starts fail; the last lines:\ncuda: out of memory"};
  scaling.activities.push_back(
      {WallTime(90s), "Successful", "Launching 1 instance", "a queue", "i-1"});
  return status;
}

View view_at(WallTime now) {
  View view;
  view.width = 100;
  view.now = now;
  return view;
}

std::string line_with(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) return "";
  const auto begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

TEST(StatusView, ShowsEachPartInALine) {
  const std::string text = render_status(example(), view_at(WallTime(100s)));

  EXPECT_EQ(line_with(text, "weir 0"), "weir 0.1.0   up 3m   /etc/weir.yaml   snapshot 4");
  EXPECT_EQ(line_with(text, "public"), "public    0.0.0.0:8080  http      2");
  EXPECT_EQ(line_with(text, "TARGET GROUP"),
            "TARGET GROUP ocr   peak_ewma   2 in flight   3 waiting   0 requests");
  EXPECT_EQ(line_with(text, "unhealthy"),
            "  127.0.0.1:20000  unhealthy  0          12.3ms   503 Service Unavailable");
  EXPECT_EQ(line_with(text, "SCALING GROUP"),
            "SCALING GROUP ocr   min 0   desired 2   max 4   for ocr");
  EXPECT_EQ(line_with(text, "i-1 "), "  i-1       pending  0          no free GPU");
  EXPECT_EQ(line_with(text, "cuda"), "  cuda: out of memory");
  EXPECT_EQ(line_with(text, "10s ago"), "  10s ago  Successful  Launching 1 instance: a queue");
}

TEST(StatusView, ColoursOnlyWhenAsked) {
  View view = view_at(WallTime(100s));
  EXPECT_EQ(render_status(example(), view).find('\x1b'), std::string::npos);

  view.colour = true;
  EXPECT_NE(render_status(example(), view).find("\x1b[31munhealthy\x1b[0m"), std::string::npos);
}

TEST(StatusView, KeepsControlCharactersOffTheTerminal) {
  control::Status status = example();
  status.scaling_groups[0].notes = {
      "a\x1b]0;title\x07"
      "b\xc2\x9bm"};
  status.scaling_groups[0].instances[0].reason = "\x1b[2J";

  const std::string text = render_status(status, view_at(WallTime(100s)));

  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a?]0;title?b?m"), std::string::npos) << text;
}

TEST(StatusView, WrapsLongReasons) {
  control::Status status = example();
  std::string reason;
  for (int i = 0; i < 60; ++i) reason += "word" + std::to_string(i) + " ";
  status.scaling_groups[0].activities[0].cause = reason;

  const std::string text = render_status(status, view_at(WallTime(100s)));

  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    longest = std::max(longest, text.find('\n', at) - at);
  }
  EXPECT_LE(longest, 100u);
  EXPECT_NE(text.find("word59"), std::string::npos);
}

TEST(StatusView, AbbreviatesAges) {
  EXPECT_EQ(short_duration(850ms), "850ms");
  EXPECT_EQ(short_duration(119s), "119s");
  EXPECT_EQ(short_duration(120s), "2m");
  EXPECT_EQ(short_duration(47h), "47h");
  EXPECT_EQ(short_duration(72h), "3d");
  EXPECT_EQ(short_duration(-5s), "0ms");
}

TEST(Wrap, BreaksAtSpacesAndCountsCodePoints) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("ééé é", 3), (std::vector<std::string>{"ééé", "é"}));
  EXPECT_EQ(wrap("a\nb", 10), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(wrap("", 10), (std::vector<std::string>{""}));
}

TEST(DecodeStatus, ReadsWhatTheApiWrites) {
  config::Findings findings;
  const config::Node node = config::parse_json(
      R"({"version":"1","uptime_seconds":2.5,"snapshot":18446744073709,"draining":true,
          "listeners":[{"name":"p","bind":["a","b"],"protocol":"http","rules":3}],
          "target_groups":[{"name":"t","panic":true,"requests":12345678901,
            "endpoints":[{"address":"x","weight":7,"latency_seconds":1e-3}]}],
          "scaling_groups":[{"name":"s","desired":2,"notes":["n"],"target_groups":["t"],
            "instances":[{"id":"i","pid":42,"port":20000,"healthy":true,"cpu_percent":12.5,
              "memory_percent":null,"devices":["0"],"launched":"2023-11-14T22:13:20.123Z"}],
            "activities":[{"time":"2023-11-14T22:13:20.123Z","cause":"c"}]}]})",
      0, findings);
  ASSERT_TRUE(findings.empty());

  const control::Status status = decode_status(node);

  EXPECT_EQ(status.uptime_seconds, 2.5);
  EXPECT_EQ(status.snapshot, 18446744073709u);
  EXPECT_TRUE(status.draining);
  EXPECT_EQ(status.listeners.at(0).bind, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(status.target_groups.at(0).requests, 12345678901u);
  EXPECT_EQ(status.target_groups.at(0).endpoints.at(0).weight, 7u);
  EXPECT_EQ(status.target_groups.at(0).endpoints.at(0).latency_seconds, 1e-3);
  const auto& instance = status.scaling_groups.at(0).instances.at(0);
  EXPECT_EQ(instance.pid, 42);
  EXPECT_EQ(instance.cpu_percent, 12.5);
  EXPECT_EQ(instance.memory_percent, std::nullopt);
  EXPECT_EQ(instance.launched, WallTime(1'700'000'000'123ms));
  EXPECT_EQ(status.scaling_groups.at(0).activities.at(0).cause, "c");
}

TEST(DecodeStatus, SurvivesWhatIsNotAsExpected) {
  config::Findings findings;
  const config::Node node = config::parse_json(
      R"({"listeners":{"a":1},"target_groups":[7,null,[]],"uptime_seconds":"x","version":[1]})", 0,
      findings);

  const control::Status status = decode_status(node);

  EXPECT_TRUE(status.listeners.empty());
  EXPECT_EQ(status.target_groups.size(), 3u);
}

}  // namespace
}  // namespace weir::cli
