#include "fleet/process/spawn.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/clock.h"
#include "fleet/process/proc.h"

namespace weir::fleet {
namespace {

class Spawn : public ::testing::Test {
 protected:
  Spawn() {
    std::string pattern = ::testing::TempDir() + "weir-spawn-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    output_ = folder_ + "/out";
    fd_ = net::Fd(::open(output_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  ~Spawn() override {
    for (const Child& child : children_) {
      ::kill(child.pid, SIGKILL);
      ::waitpid(child.pid, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  Command command(std::vector<std::string> arguments) const {
    Command made;
    made.arguments = std::move(arguments);
    made.environment = {"PATH=/usr/bin:/bin"};
    made.output = fd_.get();
    return made;
  }
  pid_t start(const Command& wanted) {
    auto child = spawn(wanted);
    EXPECT_TRUE(child) << child.error().message;
    if (!child) return 0;
    children_.push_back(std::move(*child));
    return children_.back().pid;
  }
  // What the command wrote until its end.
  std::string run(const Command& wanted) {
    const pid_t pid = start(wanted);
    pollfd ended{children_.back().pidfd.get(), POLLIN, 0};
    ::poll(&ended, 1, 5000);
    ::waitpid(pid, nullptr, 0);
    children_.pop_back();
    return read_file(output_).value_or("");
  }
  std::string error(const Command& wanted) {
    auto child = spawn(wanted);
    if (!child) return child.error().message;
    children_.push_back(std::move(*child));
    return "no error";
  }

  std::string folder_;
  std::string output_;
  net::Fd fd_;
  std::vector<Child> children_;
};

std::map<int, std::string> descriptors_of(pid_t pid) {
  std::map<int, std::string> all;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), error)) {
    all[std::stoi(entry.path().filename())] = std::filesystem::read_symlink(entry.path(), error);
  }
  return all;
}

std::string status_field(pid_t pid, const std::string& name) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "";
}

TEST_F(Spawn, ChildInheritsNoDescriptorButItsThree) {
  // What a careless library would leave open: nothing here is close-on-exec.
  const net::Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(0, ::bind(listener.get(), reinterpret_cast<sockaddr*>(&any), sizeof any));
  ASSERT_EQ(0, ::listen(listener.get(), 1));
  int pipes[2];
  ASSERT_EQ(0, ::pipe(pipes));
  const net::Fd high(::fcntl(pipes[0], F_DUPFD, 500));

  const pid_t pid = start(command({"sleep", "60"}));
  // The kernel lets us go on a moment before it closes them, and the loader opens libraries.
  const std::map<int, std::string> three = {{0, "/dev/null"}, {1, output_}, {2, output_}};
  const Time end = system_clock().now() + 5s;
  while (descriptors_of(pid) != three && system_clock().now() < end) std::this_thread::yield();

  EXPECT_EQ(descriptors_of(pid), three);
  ::close(pipes[0]);
  ::close(pipes[1]);
}

TEST_F(Spawn, LeadsItsOwnSessionAndGroup) {
  const pid_t pid = start(command({"sleep", "60"}));

  const auto process = read_process(pid);

  ASSERT_TRUE(process);
  EXPECT_EQ(process->session, pid);
  EXPECT_EQ(process->group, pid);
  EXPECT_EQ(process->parent, ::getpid());
}

TEST_F(Spawn, SignalsAreAsTheKernelGivesThem) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);

  const pid_t pid = start(command({"sleep", "60"}));

  EXPECT_EQ(status_field(pid, "SigIgn"), "0000000000000000");
  EXPECT_EQ(status_field(pid, "SigBlk"), "0000000000000000");
  pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  EXPECT_EQ(std::signal(SIGPIPE, before), SIG_IGN) << "the parent's own must stay";
}

TEST_F(Spawn, GivesArgumentsEnvironmentAndDirectory) {
  Command wanted = command({"sh", "-c", "echo \"$1 $COLOUR\"; pwd; echo no >&2", "sh", "a b"});
  wanted.environment.push_back("COLOUR=blue");
  wanted.directory = folder_;

  EXPECT_EQ(run(wanted), "a b blue\n" + std::filesystem::canonical(folder_).string() + "\nno\n");
}

TEST_F(Spawn, SaysWhatIsWrongWithACommand) {
  const std::string plain = folder_ + "/plain";
  std::ofstream(plain) << "#!/bin/sh\n";
  const std::string lost = folder_ + "/lost";
  std::ofstream(lost) << "#!/no/such/interpreter\n";
  ::chmod(lost.c_str(), 0755);
  Command nowhere = command({"sleep", "1"});
  nowhere.directory = "/no/such/place";

  EXPECT_EQ(error(command({"/no/such/server"})),
            "command '/no/such/server': No such file or directory");
  EXPECT_EQ(error(command({"no-such-server"})),
            "command 'no-such-server' is not in PATH (/usr/bin:/bin)");
  EXPECT_EQ(error(command({plain})), fmt::format("command '{}': Permission denied", plain));
  EXPECT_EQ(error(command({lost})),
            fmt::format("command '{}': its interpreter does not exist", lost));
  EXPECT_EQ(error(nowhere), "directory '/no/such/place': No such file or directory");
  EXPECT_EQ(error(command({})), "the command is empty");
}

TEST_F(Spawn, AFailureLeavesNoZombie) {
  (void)error(command({"/no/such/server"}));

  EXPECT_EQ(-1, ::waitpid(-1, nullptr, WNOHANG));
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Spawn, RunsAsAnotherUserWithItsGroupsOnly) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto account = find_account("nobody");
  ASSERT_TRUE(account) << account.error().message;
  Command wanted = command({"sleep", "60"});
  wanted.account = *account;

  const pid_t pid = start(wanted);

  EXPECT_EQ(status_field(pid, "Uid"), fmt::format("{0}\t{0}\t{0}\t{0}", account->uid));
  EXPECT_EQ(status_field(pid, "Gid"), fmt::format("{0}\t{0}\t{0}\t{0}", account->gid));
  EXPECT_EQ(status_field(pid, "Groups"), fmt::format("{} ", account->gid));
  EXPECT_EQ(::geteuid(), 0u) << "weir itself stays what it is";
}

TEST_F(Spawn, LimitsOfProcessesAndNiceness) {
  Command wanted = command({"sleep", "60"});
  wanted.processes = 77;
  wanted.nice = 3;
  wanted.first_to_go = true;

  const pid_t pid = start(wanted);

  const std::string limits = read_file(fmt::format("/proc/{}/limits", pid)).value_or("");
  EXPECT_NE(limits.find("Max processes             77                   77"), limits.npos);
  EXPECT_EQ(read_file(fmt::format("/proc/{}/oom_score_adj", pid)), "500\n");
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
  EXPECT_NE(stat.find(" 23 3 "), stat.npos) << stat;  // priority 20 + 3, nice 3
}

TEST_F(Spawn, IsSafeBesideBusyThreads) {
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!done) std::string(100, 'x').append("y");
    });
  }

  std::string out;
  for (int i = 0; i < 20; ++i) out = run(command({"echo", "hello"}));

  done = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(out.size(), 20 * 6u);
}

TEST_F(Spawn, TakesUnderFiveMilliseconds) {
  Duration best = 1h;
  for (int i = 0; i < 10; ++i) {
    const Time before = system_clock().now();
    start(command({"sleep", "60"}));
    best = std::min(best, system_clock().now() - before);
  }

  EXPECT_LT(best, 5ms);
  RecordProperty("microseconds", std::to_string(best.count() / 1000));
}

TEST(Account, IsFoundByNameAndNumber) {
  const auto by_name = find_account("root");
  const auto by_number = find_account("0");

  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_TRUE(by_name);
  ASSERT_TRUE(by_number);
  EXPECT_EQ(by_number->name, "root");
  EXPECT_EQ(by_name->uid, 0u);
}

TEST(Account, AnUnknownUserIsSaidClearly) {
  const auto account = find_account("no-such-user");

  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().message, "user 'no-such-user' does not exist");
}

}  // namespace
}  // namespace weir::fleet
