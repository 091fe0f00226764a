#include "fleet/process/proc.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace weir::fleet {
namespace {

TEST(Proc, ReadsItsOwnLine) {
  const auto self = read_process(::getpid());

  ASSERT_TRUE(self);
  EXPECT_EQ(self->id.pid, ::getpid());
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_EQ(self->session, ::getsid(0));
  EXPECT_EQ(self->group, ::getpgrp());
  EXPECT_GT(self->id.start, 0u);
  EXPECT_GT(self->resident_bytes, 100'000u);
}

TEST(Proc, ANameMayHoldAnything) {
  const auto process = parse_stat(
      "7 (a) R 1 (b) S 2 3 4 5 6 7 8 9 10 11 300 200 20 10 18 19 20 21 123456 23 24 25\n");

  ASSERT_TRUE(process);
  EXPECT_EQ(process->id, (ProcessId{7, 123456}));
  EXPECT_EQ(process->state, 'S');
  EXPECT_EQ(process->parent, 2);
  EXPECT_EQ(process->group, 3);
  EXPECT_EQ(process->session, 4);
  EXPECT_EQ(process->cpu, 5s);  // 500 ticks
  EXPECT_EQ(process->children_cpu, 300ms);
  EXPECT_EQ(process->resident_bytes, 24u * static_cast<unsigned>(::sysconf(_SC_PAGESIZE)));
}

TEST(Proc, NonsenseIsNoProcess) {
  for (const char* text :
       {"", "7", "7 (a", "7 (a)", "7 (a) S 1 2 3", "x (a) S 2 3 4 5 6 7 8 9 10"}) {
    EXPECT_FALSE(parse_stat(text)) << text;
  }
}

TEST(Proc, FindsItself) {
  const auto all = all_processes();

  EXPECT_TRUE(std::ranges::any_of(all, [](const Process& p) { return p.id.pid == ::getpid(); }));
}

TEST(Proc, APidUsedAgainIsAnotherProcess) {
  ProcessId self = read_process(::getpid())->id;
  EXPECT_TRUE(alive(self));
  EXPECT_TRUE(open_pidfd(self));
  EXPECT_TRUE(send_signal(self, 0));

  self.start -= 1;

  EXPECT_FALSE(alive(self));
  EXPECT_FALSE(open_pidfd(self));
  EXPECT_FALSE(send_signal(self, 0));
}

TEST(Proc, AZombieIsNotAlive) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT);

  const auto process = read_process(pid);

  ASSERT_TRUE(process);
  EXPECT_TRUE(process->dead());
  EXPECT_FALSE(alive(process->id));
  EXPECT_FALSE(open_pidfd(process->id));
  ::waitpid(pid, nullptr, 0);
}

TEST(Proc, ReadsAnEnvironment) {
  EXPECT_EQ(environment_of(::getpid(), "PATH"), std::string(::getenv("PATH")));
  EXPECT_FALSE(environment_of(::getpid(), "PAT"));
  EXPECT_FALSE(environment_of(::getpid(), "WEIR_NO_SUCH"));
}

TEST(Proc, TheBootHasAName) { EXPECT_EQ(boot_id().size(), 36u); }

}  // namespace
}  // namespace weir::fleet
