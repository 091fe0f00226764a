#include "notify/command.h"

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "net/test_loop.h"

namespace weir::notify {
namespace {

Task<> keep(Task<Result<CommandResult>> task, std::optional<Result<CommandResult>>& result) {
  result = co_await task;
}

class RunCommand : public ::testing::Test {
 protected:
  Result<CommandResult> run(std::vector<std::string> arguments, std::string input = "",
                            Duration timeout = 10s) {
    CommandCall call;
    call.arguments = std::move(arguments);
    call.input = std::move(input);
    call.environment = {{"WEIR_EVENT", "launch"}};
    call.timeout = timeout;
    std::optional<Result<CommandResult>> result;
    auto task = run_command(loop_.reactor, std::move(call), &stop_);
    EXPECT_TRUE(loop_.run(keep(std::move(task), result)));
    return result ? *result : Result<CommandResult>(fail(Code::internal, "no result"));
  }
  Result<CommandResult> shell(std::string script, std::string input = "", Duration timeout = 10s) {
    return run({"sh", "-c", std::move(script)}, std::move(input), timeout);
  }

  net::TestLoop loop_;
  net::Interrupt stop_;
};

TEST_F(RunCommand, GivesItsInputAndItsVariables) {
  const auto result = shell("printf '%s ' $WEIR_EVENT; cat", R"({"id":1})");

  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 0);
  EXPECT_EQ(result->output, R"(launch {"id":1})");
  EXPECT_EQ(complaint(*result), "");
}

TEST_F(RunCommand, TellsTheExitStatusAndTheLastWords) {
  const auto result = shell("echo no such thing >&2; exit 3");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 3);
  EXPECT_EQ(complaint(*result), "exit status 3: no such thing");
}

TEST_F(RunCommand, HidesWeirsOwnVariables) {
  ::setenv("WEIR_E2E_SECRET", "x", 1);

  const auto result = shell("echo \"[$WEIR_E2E_SECRET]\"");

  ::unsetenv("WEIR_E2E_SECRET");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "[]\n");
}

TEST_F(RunCommand, KeepsTheEndOfALongOutput) {
  const auto result = shell("yes | head -c 300000; printf end");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), kMostOutput);
  EXPECT_TRUE(result->output.ends_with("end"));
}

TEST_F(RunCommand, TakesAnInputThatIsLargerThanAPipe) {
  const auto result = shell("wc -c", std::string(1'000'000, 'x'));

  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "1000000\n");
}

TEST_F(RunCommand, KillsTheWholeGroupWhenTheTimeIsUp) {
  std::string pattern = ::testing::TempDir() + "weir-command-XXXXXX";
  const int file = ::mkstemp(pattern.data());
  const auto result = shell("sleep 600 & echo $! > " + pattern + "; wait", "", 300ms);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::timeout);
  EXPECT_EQ(result.error().message, "did not end within 300ms");
  char text[32] = {};
  ASSERT_GT(::pread(file, text, sizeof text - 1, 0), 0);
  const auto grandchild = static_cast<pid_t>(std::stol(text));
  // A zombie for as long as its new parent takes to reap it.
  EXPECT_TRUE(loop_.until([&] {
    const std::string path = "/proc/" + std::to_string(grandchild) + "/stat";
    const net::Fd stat(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char line[512] = {};
    if (!stat || ::read(stat.get(), line, sizeof line - 1) <= 0) return true;
    return std::string_view(line).find(") Z") != std::string_view::npos;
  }));
  ::close(file);
  ::unlink(pattern.c_str());
}

TEST_F(RunCommand, IsStoppedByItsInterrupt) {
  std::optional<Result<CommandResult>> result;
  CommandCall call;
  call.arguments = {"sleep", "600"};
  auto task = run_command(loop_.reactor, std::move(call), &stop_);
  loop_.scope.spawn(keep(std::move(task), result));

  stop_.raise();

  ASSERT_TRUE(loop_.until([&] { return result.has_value(); }));
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().message, "weir stopped it");
}

TEST_F(RunCommand, DoesNotWaitForWhatItLeavesBehind) {
  const auto result = shell("sleep 3 & echo done");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "done\n");
}

TEST_F(RunCommand, SaysThatThereIsNoSuchCommand) {
  const auto result = run({"no-such-command-of-weir"});

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::not_found);
}

TEST_F(RunCommand, SaysWhichSignalEndedIt) {
  const auto result = shell("kill -9 $$");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "signal 9 ended it");
}

}  // namespace
}  // namespace weir::notify
