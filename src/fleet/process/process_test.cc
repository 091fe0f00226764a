// Launching instances and how they end.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

#include "fleet/process/test_fleet.h"

namespace weir::fleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ProcessFleet : public TestFleet {
 protected:
  ProcessFleet() { devices_ = {"0", "1", "2"}; }

  std::string error(LaunchSpec wanted) {
    const Result<Live> live = wait(provider_->launch(std::move(wanted)));
    return live ? "no error" : live.error().message;
  }
};

sockaddr_in address_of(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(text.substr(text.find(':') + 1))));
  return address;
}

bool answers(const std::string& address) {
  const sockaddr_in to = address_of(address);
  const net::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

TEST_F(ProcessFleet, StartsAServerOnItsPort) {
  start();

  const Live live =
      launch(spec({"python3", "-S", "-m", "http.server", "--bind", "127.0.0.1", "${WEIR_PORT}"}));

  EXPECT_TRUE(until([&] { return answers(live.address); }));
  ASSERT_EQ(provider_->list().size(), 1u);
  const Live listed = provider_->list().front();
  EXPECT_EQ(listed.instance, "i-1");
  EXPECT_EQ(listed.group, "ocr");
  EXPECT_EQ(listed.address, live.address);
  EXPECT_FALSE(listed.adopted);
  EXPECT_FALSE(listed.stopping);
}

TEST_F(ProcessFleet, GivesItsVariablesAndTheLaunchesOwn) {
  start();
  LaunchSpec wanted = shell(
      "echo $WEIR_PORT $WEIR_INSTANCE $WEIR_STORE $CUDA_VISIBLE_DEVICES $URL $0; exec sleep 60");
  wanted.launch.command.push_back("name-${WEIR_INSTANCE}");
  wanted.launch.environment = {{"URL", "http://127.0.0.1:${WEIR_PORT}/"}};
  wanted.launch.gpus = 2;

  const Live live = launch(wanted);

  const std::string port = live.address.substr(live.address.find(':') + 1);
  EXPECT_THAT(
      lines("i-1", 1),
      ElementsAre(fmt::format("{0} i-1 {1} 0,1 http://127.0.0.1:{0}/ name-i-1", port, store_)));
}

TEST_F(ProcessFleet, ACrashIsToldWithItsStatusAndLastLines) {
  start();

  launch(shell("echo loading; echo 'no such model' >&2; exit 3"));

  const Exit exit = end_of("i-1");
  EXPECT_EQ(exit.cause, "exit status 3");
  EXPECT_FALSE(exit.wanted);
  EXPECT_THAT(exit.last_lines, ElementsAre("loading", "no such model"));
  EXPECT_THAT(provider_->list(), IsEmpty());
  EXPECT_THAT(provider_->log_tail("i-1", 1), ElementsAre("no such model")) << "also after its end";
  EXPECT_TRUE(provider_->log_path("i-1"));
  EXPECT_TRUE(records_.empty()) << "forgotten after its end";
}

TEST_F(ProcessFleet, ASignalIsToldByName) {
  start();

  launch(shell("kill -SEGV $$"));

  EXPECT_EQ(end_of("i-1").cause, "signal 11 (segmentation fault)");
}

TEST_F(ProcessFleet, StopsPolitely) {
  start();
  launch(shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done"));
  lines("i-1", 1);

  ASSERT_TRUE(provider_->terminate("i-1", 10s));

  EXPECT_TRUE(provider_->list().front().stopping);
  const Exit exit = end_of("i-1");
  EXPECT_EQ(exit.cause, "exit status 0");
  EXPECT_TRUE(exit.wanted);
  EXPECT_THAT(exit.last_lines, Contains("bye"));
}

TEST_F(ProcessFleet, PausesAllOfAnInstanceAndEndsItEvenSo) {
  start();
  // It starts nothing more once it is ready: a shell whose child is stopped between vfork and exec
  // stands still too, but in state D.
  launch(
      shell("trap 'exit 0' TERM; (setsid sh -c 'echo child $$; exec sleep 60') & "
            "sleep 60 & echo ready; wait"));
  lines("i-1", 2);
  const auto pid = static_cast<pid_t>(provider_->list().front().pid);
  const auto state = [&] { return read_process(pid)->state; };

  ASSERT_TRUE(provider_->pause("i-1", true));
  EXPECT_TRUE(until([&] { return state() == 'T'; }));
  ASSERT_TRUE(provider_->pause("i-1", false));
  EXPECT_TRUE(until([&] { return state() != 'T'; }));
  ASSERT_TRUE(provider_->pause("i-1", true));
  EXPECT_TRUE(until([&] { return state() == 'T'; }));
  ASSERT_TRUE(provider_->terminate("i-1", 300ms));

  EXPECT_EQ(end_of("i-1").cause, "exit status 0");
  EXPECT_EQ(provider_->pause("i-none", true).error().code, Code::not_found);
}

TEST_F(ProcessFleet, StopsByForceAfterTheGrace) {
  start();
  launch(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
  lines("i-1", 1);

  ASSERT_TRUE(provider_->terminate("i-1", 30ms));

  const Exit exit = end_of("i-1");
  EXPECT_EQ(exit.cause, "signal 9 (killed)");
  EXPECT_TRUE(exit.wanted);
}

TEST_F(ProcessFleet, AShorterGraceLaterIsSooner) {
  start();
  launch(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
  lines("i-1", 1);
  ASSERT_TRUE(provider_->terminate("i-1", 1h));

  ASSERT_TRUE(provider_->terminate("i-1", 0s));

  EXPECT_EQ(end_of("i-1").cause, "signal 9 (killed)");
}

TEST_F(ProcessFleet, OneThatIsStoppedStillHeeds) {
  start();
  const Live live = launch(shell("exec sleep 60"));
  ::kill(static_cast<pid_t>(live.pid), SIGSTOP);

  ASSERT_TRUE(provider_->terminate("i-1", 10s));

  EXPECT_EQ(end_of("i-1").cause, "signal 15 (terminated)");
}

// With and without cgroups: the two ways to know what an instance has started.
class Grandchildren : public ProcessFleet, public ::testing::WithParamInterface<bool> {
 protected:
  Grandchildren() {
    if (!GetParam()) options_.cgroups = Folders();
  }
  // The last word of each line is a pid.
  ProcessId pid_in_line(std::size_t line) {
    const std::string text = lines("i-1", line + 1).at(line);
    return read_process(std::stoi(text)).value_or(Process()).id;
  }
};

TEST_P(Grandchildren, GoWithTheInstanceThatIsStopped) {
  start();
  // One in its group, one that left its session.
  launch(
      shell("trap '' TERM; sleep 60 & echo $!; setsid sh -c 'trap \"\" TERM; echo $$; "
            "while :; do sleep 0.01; done' & wait; while :; do sleep 0.01; done"));
  lines("i-1", 2);
  const ProcessId inside = pid_in_line(0);
  const ProcessId outside = pid_in_line(1);

  ASSERT_TRUE(provider_->terminate("i-1", 20ms));
  end_of("i-1");

  EXPECT_NE(outside.pid, 0);
  EXPECT_FALSE(alive(inside));
  EXPECT_FALSE(alive(outside));
}

TEST_P(Grandchildren, GoWithTheInstanceThatCrashed) {
  start();
  launch(shell("sleep 60 & echo $!; setsid sleep 60 & echo $!; sleep 0.05; exit 1"));
  lines("i-1", 2);
  const ProcessId inside = pid_in_line(0);
  const ProcessId outside = pid_in_line(1);

  EXPECT_EQ(end_of("i-1").cause, "exit status 1");

  EXPECT_NE(inside.pid, 0);
  EXPECT_FALSE(alive(inside));
  EXPECT_FALSE(alive(outside));
}

TEST_P(Grandchildren, MayFinishWithinTheGraceWhenTheirParentIsQuicker) {
  start();
  launch(
      shell("(trap '' TERM; echo child; sleep 0.1; echo done) & trap 'exit 0' TERM; echo ready; "
            "while :; do sleep 0.01; done"));
  lines("i-1", 2);

  ASSERT_TRUE(provider_->terminate("i-1", 10s));

  EXPECT_EQ(end_of("i-1").last_lines.back(), "done");
}

INSTANTIATE_TEST_SUITE_P(ProcessFleet, Grandchildren, ::testing::Bool(), [](const auto& test) {
  return test.param ? "WithCgroups" : "WithoutCgroups";
});

TEST_F(ProcessFleet, ACommandThatCannotStartLeavesNothingBehind) {
  start();
  LaunchSpec wanted = spec({"/no/such/server"});
  wanted.launch.gpus = 3;
  const auto before = provider_->capacity();

  EXPECT_EQ(error(wanted), "command '/no/such/server': No such file or directory");

  EXPECT_THAT(provider_->list(), IsEmpty());
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(provider_->capacity().devices_free, before.devices_free);
  EXPECT_EQ(provider_->capacity().ports_free, before.ports_free);
  EXPECT_THAT(exits_, IsEmpty());
}

TEST_F(ProcessFleet, AnUnknownUserIsSaid) {
  start();
  LaunchSpec wanted = shell("exit 0");
  wanted.launch.user = "no-such-user";

  EXPECT_EQ(error(wanted), "user 'no-such-user' does not exist");
}

TEST_F(ProcessFleet, RunsAsTheUserAndWritesItsLog) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  start();
  LaunchSpec wanted = shell("id -un; echo again >> /proc/self/fd/1; exec sleep 60");
  wanted.launch.user = "nobody";
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  std::filesystem::permissions(folder_ + "/logs", std::filesystem::perms(0755));

  launch(wanted);

  EXPECT_THAT(lines("i-1", 2), ElementsAre("nobody", "again"));
}

TEST_F(ProcessFleet, ANameThatIsNoneIsRefused) {
  start();
  LaunchSpec wanted = shell("exit 0");
  wanted.instance = "../../etc/passwd";

  EXPECT_EQ(error(wanted), "'../../etc/passwd' is no name for an instance");
}

TEST_F(ProcessFleet, TheSameNameTwiceIsRefused) {
  start();
  launch(shell("exec sleep 60"));
  LaunchSpec again = shell("exec sleep 60");
  again.instance = "i-1";

  EXPECT_EQ(error(again), "instance i-1 exists already");
}

TEST_F(ProcessFleet, DevicesAreTakenAndGivenBack) {
  start();
  LaunchSpec two = shell("exec sleep 60");
  two.launch.gpus = 2;
  LaunchSpec next = two;
  next.instance = "i-next";

  EXPECT_THAT(launch(two).devices, ElementsAre("0", "1"));
  EXPECT_EQ(provider_->capacity().devices_free, 1u);
  const Result<Live> pending = wait(provider_->launch(next));
  ASSERT_FALSE(pending);
  EXPECT_EQ(pending.error().code, Code::limit);
  EXPECT_EQ(pending.error().message, "gpus: 2 asked for, 1 of 3 devices free");
  ASSERT_TRUE(provider_->terminate("i-1", 0s));
  end_of("i-1");

  EXPECT_EQ(provider_->capacity().devices_free, 3u);
  EXPECT_THAT(launch(next).devices, ElementsAre("0", "1"));
}

// Listens on the port of an instance before the instance does.
struct Stranger {
  explicit Stranger(const Live& live) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = address_of(live.address);
    EXPECT_EQ(0, ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    EXPECT_EQ(0, ::listen(fd.get(), 1));
  }
  net::Fd fd;
};

TEST_F(ProcessFleet, APortThatSomebodyTookIsNamedAndAnotherOneIsUsedNextTime) {
  start();
  const LaunchSpec server = spec({"python3", "-S", "-c",
                                  "import os, socket, time\n"
                                  "while not os.path.exists('go'): time.sleep(0.005)\n"
                                  "s = socket.socket()\n"
                                  "s.bind(('127.0.0.1', int(os.environ['WEIR_PORT'])))\n"
                                  "s.listen(); time.sleep(60)\n"});
  LaunchSpec first = server;
  first.launch.directory = folder_;
  const Live live = launch(first);
  const Stranger stranger(live);
  std::ofstream(folder_ + "/go") << "now";

  const Exit exit = end_of(first.instance);
  LaunchSpec again = first;
  again.instance = "i-again";
  const Live next = launch(again);

  EXPECT_EQ(exit.cause, fmt::format("exit status 1; port {} is taken by another process",
                                    live.address.substr(live.address.find(':') + 1)));
  EXPECT_THAT(exit.last_lines.back(), HasSubstr("Address already in use"));
  EXPECT_NE(next.address, live.address);
  EXPECT_TRUE(until([&] { return answers(next.address); }));
}

TEST_F(ProcessFleet, AnUnknownInstanceCannotBeTerminated) {
  start();

  const auto result = provider_->terminate("i-none", 0s);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::not_found);
  EXPECT_FALSE(provider_->usage("i-none"));
  EXPECT_FALSE(provider_->log_path("i-none"));
  EXPECT_THAT(provider_->log_tail("i-none", 5), IsEmpty());
}

TEST_F(ProcessFleet, LogsAreRotatedWhileTheInstanceWrites) {
  options_.logs = {Bytes{1000}, 2, 5};
  start();

  launch(shell("i=0; while :; do i=$((i+1)); echo line $i; done"));

  const std::string old = folder_ + "/logs/i-1.log.1";
  EXPECT_TRUE(until([&] { return std::filesystem::exists(old); }));
  EXPECT_LE(std::filesystem::file_size(old), 200'000u);
  const auto last = lines("i-1");
  EXPECT_FALSE(last.empty());
}

TEST_F(ProcessFleet, OnExitMayLaunchTheNext) {
  start();
  std::vector<Task<Result<Live>>> next;
  provider_->on_exit = [&](const Exit& exit) {
    exits_.push_back(exit);
    if (!next.empty()) return;
    next.push_back(provider_->launch(shell("exec sleep 60")));
    next.back().start();
  };

  launch(shell("exit 1"));
  end_of("i-1");

  EXPECT_TRUE(until([&] { return next.at(0).done(); }));
  EXPECT_EQ(provider_->list().size(), 1u);
  provider_->on_exit = {};
}

TEST_F(ProcessFleet, ALogFolderThatCannotBeMadeIsSaid) {
  std::ofstream(folder_ + "/logs") << "a file";
  Surroundings surroundings{.reactor = reactor_, .store_id = store_, .logs = folder_ + "/logs/x"};

  const auto provider = make_provider("process", std::move(surroundings));

  ASSERT_FALSE(provider);
  EXPECT_THAT(provider.error().message, HasSubstr("folder of logs"));
  std::filesystem::remove(folder_ + "/logs");
}

TEST(Providers, AnUnknownNameIsSaidWithThoseThatAre) {
  net::Reactor reactor(system_clock());

  const auto provider = make_provider("mainframe", Surroundings{.reactor = reactor});

  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().message, "unknown provider 'mainframe'; there are: process");
}

}  // namespace
}  // namespace weir::fleet
