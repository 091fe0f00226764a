#include "cli/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "cli/test_shell.h"

namespace weir::cli {
namespace {

constexpr char kGoodConfig[] =
    "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    default: { forward: ocr }\n"
    "target_groups:\n  ocr:\n    endpoints: [{ address: \"127.0.0.1:9001\" }]\n";

TEST(CommandLine, ShowsEveryCommandWhenAskedForHelp) {
  TestShell shell;

  EXPECT_EQ(shell.run({"--help"}), kGood);

  for (const CommandRow& row : commands()) {
    EXPECT_NE(shell.out.str().find("  " + std::string(row.name) + " "), std::string::npos)
        << row.name;
  }
}

TEST(CommandLine, AloneShowsTheOverviewAsBadUsage) {
  TestShell shell;

  EXPECT_EQ(shell.run({}), kUsage);

  EXPECT_NE(shell.err.str().find("weir serve FILE"), std::string::npos);
}

class EachCommand : public testing::TestWithParam<CommandRow> {};

TEST_P(EachCommand, ExplainsItselfWithAnExample) {
  TestShell shell;
  const std::string name(GetParam().name);

  EXPECT_EQ(shell.run({name, "--help"}), kGood);

  EXPECT_NE(shell.out.str().find("Usage: weir " + name), std::string::npos) << shell.out.str();
  EXPECT_NE(shell.out.str().find("Examples:\n  weir " + name), std::string::npos)
      << shell.out.str();
}

TEST_P(EachCommand, RefusesAnOptionThatItDoesNotHave) {
  TestShell shell;
  const std::string name(GetParam().name);

  EXPECT_EQ(shell.run({name, "--no-such-option"}), kUsage);

  EXPECT_NE(shell.err.str().find("weir " + name + " --help"), std::string::npos);
  EXPECT_EQ(shell.out.str(), "");
}

TEST_P(EachCommand, HasASummaryOfOneLine) {
  const std::string summary(GetParam().make()->summary());

  EXPECT_FALSE(summary.empty());
  EXPECT_LT(summary.size(), 64u);
  EXPECT_EQ(summary.find('\n'), std::string::npos);
}

std::string name_of(const testing::TestParamInfo<CommandRow>& row) {
  std::string name(row.param.name);
  std::replace(name.begin(), name.end(), '-', '_');  // not allowed in the name of a test
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, EachCommand, testing::ValuesIn(commands().begin(), commands().end()),
                         name_of);

TEST(CommandLine, TellsBadUsage) {
  TestShell shell;
  const std::vector<std::vector<std::string>> lines = {{"frobnicate"},
                                                       {"check"},
                                                       {"scale", "ocr"},
                                                       {"scale", "ocr", "x"},
                                                       {"scale", "ocr", "-1"},
                                                       {"scale", "ocr", "4294967296"},
                                                       {"check", "a", "b"},
                                                       {"logs"},
                                                       {"logs", "i", "-n", "many"}};
  for (const auto& line : lines) {
    EXPECT_EQ(shell.run(line), kUsage) << line[0];
    EXPECT_NE(shell.err.str(), "") << line[0];
  }
}

TEST(CommandLine, SuggestsTheCommandThatIsMeant) {
  TestShell shell;

  shell.run({"aply"});

  EXPECT_NE(shell.err.str().find("did you mean 'apply'?"), std::string::npos) << shell.err.str();
}

TEST(CommandLine, PrintsTheVersion) {
  TestShell shell;

  EXPECT_EQ(shell.run({"version"}), kGood);
  const std::string told = shell.out.str();
  EXPECT_TRUE(told.starts_with("weir ")) << told;
  EXPECT_NE(told.find('.'), std::string::npos);
  EXPECT_EQ(shell.run({"--version"}), kGood);
  EXPECT_EQ(shell.out.str(), told);
}

TEST(Serve, IsGivenTheFileAndGivesTheStatus) {
  TestShell shell;
  const Serve serve = [](const ServeOptions& options) { return options.path == "x.yaml" ? 7 : 8; };

  EXPECT_EQ(shell.run({"serve", "x.yaml"}, serve), 7);
  EXPECT_EQ(shell.run({"serve", "y.yaml"}, serve), 8);
}

class CheckTest : public testing::Test {
 protected:
  int check(const std::string& text) {
    std::ofstream(folder_.path / "fleet.yaml") << text;
    return shell_.run({"check", folder_.path / "fleet.yaml"});
  }
  TestFolder folder_;
  TestShell shell_;
};

TEST_F(CheckTest, CountsWhatIsThere) {
  EXPECT_EQ(check(kGoodConfig), kGood);
  EXPECT_EQ(shell_.out.str(), "ok: 1 listener, 1 target group, 0 scaling groups\n");
}

TEST_F(CheckTest, TellsEachMistakeOnItsLine) {
  EXPECT_EQ(check("listeners:\n  public:\n    bind: 127.0.0.1:70000\n    colour: blue\n"), kUsage);

  const std::string told = shell_.err.str();
  EXPECT_NE(told.find("fleet.yaml:3:11: listeners.public.bind: "), std::string::npos) << told;
  EXPECT_NE(told.find("fleet.yaml:4:5: listeners.public.colour: "), std::string::npos) << told;
  EXPECT_NE(told.find("fleet.yaml: 2 mistakes\n"), std::string::npos) << told;
  EXPECT_EQ(shell_.out.str(), "");
}

TEST_F(CheckTest, TellsAFileThatIsMissing) {
  EXPECT_EQ(shell_.run({"check", "/no/such/file.yaml"}), kUsage);
  EXPECT_NE(shell_.err.str().find("/no/such/file.yaml"), std::string::npos);
}

TEST(Describe, ExplainsAKey) {
  TestShell shell;

  EXPECT_EQ(shell.run({"describe", "listeners.limits.head"}), kGood);
  EXPECT_NE(shell.out.str().find("32KiB"), std::string::npos);
}

TEST(Describe, ListsAllKeysWithoutOne) {
  TestShell shell;

  EXPECT_EQ(shell.run({"describe"}), kGood);
  EXPECT_NE(shell.out.str().find("\ntarget_groups.NAME.max_in_flight (0): "), std::string::npos);
}

TEST(Describe, SuggestsTheKeyThatIsMeant) {
  TestShell shell;

  EXPECT_EQ(shell.run({"describe", "target_groups.max_inflight"}), kUsage);
  EXPECT_NE(shell.err.str().find("did you mean 'max_in_flight'?"), std::string::npos)
      << shell.err.str();
}

}  // namespace

void PrintTo(const CommandRow& row, std::ostream* out) { *out << row.name; }

}  // namespace weir::cli
