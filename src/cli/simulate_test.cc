// weir simulate and weir recommend: what is asked of them, and their complaints.
#include <gtest/gtest.h>

#include <fstream>

#include "cli/test_shell.h"
#include "config/json.h"

namespace weir::cli {
namespace {

constexpr char kConfig[] =
    "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    default: { forward: ocr }\n"
    "target_groups:\n  ocr: { max_in_flight: 2 }\n"
    "scaling_groups:\n  ocr:\n    target_groups: [ocr]\n    min: 1\n    max: 4\n"
    "    launch: { command: [server, --port, \"${WEIR_PORT}\"] }\n"
    "    policies: [{ target_tracking: { metric: in_flight_per_endpoint, target: 1.5 } }]\n";

class SimulateCommand : public testing::Test {
 protected:
  SimulateCommand() {
    write("weir.yaml", kConfig);
    std::string trace = "time,cost\n";
    for (int i = 0; i < 600; ++i) trace += std::to_string(i * 0.2) + ",0.5\n";
    write("t.csv", trace);
  }
  std::string path(const std::string& name) const { return (folder.path / name).string(); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
  }
  int simulate(std::vector<std::string> more) {
    std::vector<std::string> words = {"simulate", path("weir.yaml"), "--trace", path("t.csv")};
    words.insert(words.end(), more.begin(), more.end());
    return shell.run(words);
  }

  TestFolder folder;
  TestShell shell;
};

TEST_F(SimulateCommand, PrintsARowForEachRunAndWhatIsAssumed) {
  ASSERT_EQ(simulate({"--slo", "p95<2s", "--compare", "kpa", "--compare", "keda=0.8"}), kGood)
      << shell.err.str();

  const std::string out = shell.out.str();
  EXPECT_NE(out.find("t.csv: 600 requests in 2m for ocr, goal p95<2s"), std::string::npos) << out;
  for (const char* name : {"weir.yaml ", "kpa ", "keda=0.8 "}) {
    EXPECT_NE(out.find(std::string("\n") + name), std::string::npos) << out;
  }
  EXPECT_NE(out.find("note: the configuration does not say how instances of ocr are"),
            std::string::npos)
      << out;
}

TEST_F(SimulateCommand, TakesModelAndGoalFromTheCommandLine) {
  ASSERT_EQ(simulate({"--json", "--slo", "wait p50<1s", "--start-time", "5s", "--slots", "1"}),
            kGood);

  config::Findings findings;
  const auto root = config::parse_json(shell.out.str(), 0, findings);
  ASSERT_TRUE(findings.empty());
  const config::Node& run = root.find("runs")->value.items.at(0);
  EXPECT_EQ(run.find("slo")->value.find("goal")->value.text, "wait p50<1s");
  EXPECT_NE(shell.out.str().find("5s after its launch"), std::string::npos);
}

TEST_F(SimulateCommand, WritesAPage) {
  ASSERT_EQ(simulate({"--html", path("out.html")}), kGood);

  EXPECT_GT(std::filesystem::file_size(path("out.html")), 2000u);
  EXPECT_EQ(simulate({"--html", path("no/such/folder.html")}), kFailed);
  EXPECT_NE(shell.err.str().find("cannot be written"), std::string::npos);
}

TEST_F(SimulateCommand, SaysWhatIsWrongWithItsOptions) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--slo", "95<2s"}, "is no goal such as p95<2s"},
      {{"--share", "2"}, "--share 2: write a number above 0, at most 1"},
      {{"--time-unit", "m"}, "--time-unit m: write s, ms, us or ns"},
      {{"--start-time", "soon"}, "--start-time soon: write a duration"},
      {{"--slots", "-1"}, "--slots -1: write a whole number"},
      {{"--group", "llm"}, "there is no scaling group 'llm'"},
      {{"--compare", "kpaa"}, "did you mean 'kpa'?"},
      {{"--compare", "kpa=x"}, "the target is a utilisation above 0"},
      {{"--compare", "kpa=0"}, "the target is a utilisation above 0"},
  };
  for (const auto& [words, complaint] : wrong) {
    EXPECT_EQ(simulate(words), kUsage) << words[0];
    EXPECT_NE(shell.err.str().find(complaint), std::string::npos) << shell.err.str();
    EXPECT_EQ(shell.out.str(), "");
  }
  EXPECT_EQ(shell.run({"simulate", path("weir.yaml")}), kUsage);
  EXPECT_NE(shell.err.str().find("no trace: --trace"), std::string::npos);
  EXPECT_EQ(shell.run({"simulate", path("weir.yaml"), "--trace", path("none.csv")}), kUsage);
  EXPECT_NE(shell.err.str().find("No such file"), std::string::npos);
}

TEST_F(SimulateCommand, TellsHowToReadACompressedTrace) {
  write("t.csv", "\x1f\x8b\x08");

  EXPECT_EQ(simulate({}), kUsage);
  EXPECT_NE(shell.err.str().find("zcat"), std::string::npos);
}

TEST_F(SimulateCommand, RecommendNeedsAGoal) {
  EXPECT_EQ(shell.run({"recommend", path("weir.yaml"), "--trace", path("t.csv")}), kUsage);
  EXPECT_NE(shell.err.str().find("no goal: --slo 'p95<2s'"), std::string::npos);
}

TEST_F(SimulateCommand, RecommendPrintsCandidatesAndYaml) {
  ASSERT_EQ(
      shell.run({"recommend", path("weir.yaml"), "--trace", path("t.csv"), "--slo", "p90<2s"}),
      kGood)
      << shell.out.str() << shell.err.str();

  EXPECT_NE(shell.out.str().find("\nfixed "), std::string::npos);
  EXPECT_NE(shell.out.str().find("\nnote: the configuration does not say"), std::string::npos);
  EXPECT_NE(shell.out.str().find("\nscaling_groups:\n  ocr:"), std::string::npos);
}

}  // namespace
}  // namespace weir::cli
