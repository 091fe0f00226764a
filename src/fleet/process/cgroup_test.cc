#include "fleet/process/cgroup.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "fleet/process/spawn.h"
#include "fleet/process/test_fleet.h"

namespace weir::fleet {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Folders own() {
  return own_cgroups(*read_file("/proc/self/mountinfo"), *read_file("/proc/self/cgroup"));
}

TEST(OwnCgroups, AreFoundUnderV2) {
  EXPECT_EQ(own_cgroups(
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
                "0::/system.slice/weir.service\n"),
            (Folders{{"unified", "/sys/fs/cgroup/system.slice/weir.service"}}));
}

TEST(OwnCgroups, AreFoundUnderV1) {
  EXPECT_EQ(
      own_cgroups("33 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                  "34 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                  "35 30 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n",
                  "4:memory:/a/b\n3:cpu,cpuacct:/\n1:name=systemd:/\n"),
      (Folders{{"cpu", "/sys/fs/cgroup/cpu,cpuacct"},
               {"cpuacct", "/sys/fs/cgroup/cpu,cpuacct"},
               {"memory", "/sys/fs/cgroup/memory/a/b"},
               {"name=systemd", "/sys/fs/cgroup/systemd"}}));
}

TEST(OwnCgroups, AContainerSeesItsOwnAsTheRoot) {
  EXPECT_EQ(
      own_cgroups("34 30 0:29 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                  "4:memory:/docker/abc\n"),
      (Folders{{"memory", "/sys/fs/cgroup/memory"}}));
  EXPECT_THAT(
      own_cgroups("34 30 0:29 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                  "4:memory:/docker/abcd\n"),
      IsEmpty());
}

TEST(Cgroups, WhereNoneCanBeMadeItSaysWhy) {
  const Cgroups cgroups({{"memory", "/no/such/place"}}, "s");

  EXPECT_TRUE(cgroups.none());
  EXPECT_FALSE(cgroups.has("memory"));
  EXPECT_EQ(cgroups.missing(),
            "cpu: no such controller; memory: No such file or directory; pids: no such controller");
}

TEST(Cgroups, EmptyOnesOfNobodyAreSweptAway) {
  const Cgroups cgroups(own(), "test-sweep-" + std::to_string(::getpid()));
  if (cgroups.none()) GTEST_SKIP() << "no cgroup can be written: " << cgroups.missing();
  const Folders kept = (*cgroups.make("i-1"))->folders();
  const Folders lost = (*cgroups.make("i-2"))->folders();

  cgroups.sweep({"i-1"});

  EXPECT_TRUE(std::filesystem::exists(kept.begin()->second));
  EXPECT_FALSE(std::filesystem::exists(lost.begin()->second));
  EXPECT_TRUE(Cgroup(kept).remove());
}

TEST(Cgroups, ThoseOfAStoreGoOnceNoWeirWorksOnIt) {
  const std::string pid = std::to_string(::getpid());
  auto other = std::make_unique<Cgroups>(own(), "test-other-" + pid);
  const Cgroups mine(own(), "test-mine-" + pid);
  if (mine.none()) GTEST_SKIP() << "no cgroup can be written: " << mine.missing();
  const std::string folder = (*other->make("i-1"))->folders().begin()->second;

  mine.sweep({});
  EXPECT_TRUE(std::filesystem::exists(folder)) << "it may be about to start its instance";
  other.reset();
  mine.sweep({});

  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(folder).parent_path()));
}

// Limits that the kernel itself enforces on real children.
class Limited : public TestFleet {
 protected:
  void start_with(std::string_view controller) {
    start();
    const Cgroups cgroups(own(), "test-probe-" + std::to_string(::getpid()));
    can_ = cgroups.has(controller);
  }
  bool can_ = false;
};

#define NEEDS(controller) \
  start_with(controller); \
  if (!can_) GTEST_SKIP() << "the cgroup controller " << controller << " cannot be written here"

TEST_F(Limited, AnInstanceThatNeedsTooMuchMemoryIsKilledAndToldSo) {
  NEEDS("memory");
  LaunchSpec wanted = spec({"python3", "-S", "-c", "x = bytearray(200 << 20)"});
  wanted.launch.memory = Bytes{50 << 20};

  launch(wanted);

  EXPECT_EQ(end_of("i-1").cause, "out of memory: signal 9 (killed) (limit 50MiB)");
}

TEST_F(Limited, CpuIsBoundedAndUsageSaysSo) {
  NEEDS("cpu");
  LaunchSpec wanted = shell("while :; do :; done");
  wanted.launch.cpus = 0.2;
  launch(wanted);
  (void)provider_->usage("i-1");

  until([] { return false; }, 400ms);
  const auto usage = provider_->usage("i-1");

  ASSERT_TRUE(usage);
  EXPECT_GT(usage->cpu_percent, 30) << "of its fifth of a core";
  EXPECT_LT(usage->cpu_percent, 180);
}

TEST_F(Limited, ProcessesAreBounded) {
  NEEDS("pids");
  LaunchSpec wanted = shell("for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; wait");
  wanted.launch.processes = 4;

  launch(wanted);

  const auto refused = [&] {
    return std::ranges::any_of(
        lines("i-1"), [](const std::string& line) { return line.find("fork") != line.npos; });
  };
  EXPECT_TRUE(until(refused));
}

TEST_F(Limited, TheCgroupGoesWithTheInstance) {
  NEEDS("memory");
  launch(shell("exec sleep 60"));
  const Folders folders = parse_record(records_.at("i-1"))->cgroup;
  ASSERT_FALSE(folders.empty());
  for (const auto& [controller, folder] : folders) EXPECT_TRUE(std::filesystem::exists(folder));

  ASSERT_TRUE(provider_->terminate("i-1", 0s));
  end_of("i-1");

  const auto gone = [&] {
    return std::ranges::none_of(
        folders, [](const auto& one) { return std::filesystem::exists(one.second); });
  };
  EXPECT_TRUE(until(gone));
}

TEST_F(Limited, AnAdoptedOneKeepsItsCgroup) {
  NEEDS("memory");
  LaunchSpec wanted = spec({"python3", "-S", "-c",
                            "import os, time\nprint('up', flush=True)\n"
                            "while not os.path.exists('go'): time.sleep(0.005)\n"
                            "x = bytearray(200 << 20)"});
  wanted.launch.memory = Bytes{50 << 20};
  wanted.launch.directory = folder_;
  launch(wanted);
  lines("i-1", 1);
  close();
  start();

  const auto usage = provider_->usage("i-1");
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->memory_bytes, 1u << 20);
  EXPECT_GT(usage->memory_percent, 2);
  std::ofstream(folder_ + "/go") << "now";

  EXPECT_THAT(end_of("i-1").cause, StartsWith("out of memory"));
}

TEST_F(TestFleet, UsageWithoutCgroupsComesFromProc) {
  options_.cgroups = Folders();
  start();
  // Two processes, each with memory of its own.
  LaunchSpec wanted = spec({"python3", "-S", "-c",
                            "import os, time\nos.fork()\nx = b'x' * (20 << 20)\n"
                            "print('up', flush=True)\nwhile True: pass"});
  wanted.launch.memory = Bytes{100 << 20};
  launch(wanted);
  lines("i-1", 2);

  EXPECT_TRUE(until([&] { return provider_->usage("i-1")->cpu_percent > 30; }));
  const auto usage = provider_->usage("i-1");
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->memory_bytes, 40u << 20);
  EXPECT_NEAR(usage->memory_percent, 100.0 * static_cast<double>(usage->memory_bytes) / (100 << 20),
              0.01);
}

TEST_F(TestFleet, WithoutCgroupsLimitsFallBackToNiceness) {
  options_.cgroups = Folders();
  start();
  LaunchSpec wanted = shell("nice; cat /proc/self/oom_score_adj; exec sleep 60");
  wanted.launch.cpus = 1;
  wanted.launch.memory = Bytes{1 << 30};

  launch(wanted);

  EXPECT_EQ(lines("i-1", 2), (std::vector<std::string>{"5", "500"}));
}

class CgroupFiles : public ::testing::Test {
 protected:
  CgroupFiles() {
    std::string pattern = ::testing::TempDir() + "weir-cgroup-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CgroupFiles() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string get(const std::string& name) { return read_file(folder_ + "/" + name).value_or(""); }

  std::string folder_;
};

TEST_F(CgroupFiles, LimitsHaveTheFormOfV2) {
  for (const char* name : {"cpu.max", "memory.max", "memory.swap.max", "pids.max"}) put(name, "");
  Cgroup cgroup({{"unified", folder_}});

  ASSERT_TRUE(cgroup.limit({0.5, Bytes{1 << 20}, 7}));

  EXPECT_EQ(get("cpu.max"), "50000 100000");
  EXPECT_EQ(get("memory.max"), "1048576");
  EXPECT_EQ(get("memory.swap.max"), "0");
  EXPECT_EQ(get("pids.max"), "7");
}

TEST_F(CgroupFiles, UsageIsReadFromV2) {
  put("cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
  put("memory.current", "5000\n");
  put("memory.stat", "anon 1\ninactive_file 1000\n");
  put("memory.events", "low 0\noom 4\noom_kill 3\noom_group_kill 1\n");
  const Cgroup cgroup({{"unified", folder_}});

  EXPECT_EQ(cgroup.cpu_time(), 2500ms);
  EXPECT_EQ(cgroup.memory(), 4000u);
  EXPECT_EQ(cgroup.out_of_memory_kills(), 3u);
}

TEST_F(CgroupFiles, WhatIsNotThereIsNotLimited) {
  Cgroup cgroup({{"unified", folder_}});

  EXPECT_TRUE(cgroup.limit({1, Bytes{1}, 1}));
  EXPECT_FALSE(cgroup.cpu_time());
  EXPECT_FALSE(cgroup.memory());
  EXPECT_EQ(cgroup.out_of_memory_kills(), 0u);
}

// The v2 hierarchy of this machine, with whatever controllers it has.
TEST(CgroupV2, KnowsItsMembersAndKillsThem) {
  const Folders base = own();
  const std::string root = base.contains("unified") ? base.at("unified") : "";
  const std::string folder = root + "/weir-test-v2-" + std::to_string(::getpid());
  if (root.empty() || ::mkdir(folder.c_str(), 0755) != 0)
    GTEST_SKIP() << "no v2 cgroup can be made";
  Cgroup cgroup({{"unified", folder}});
  Command command;
  command.arguments = {"sh", "-c", "sleep 60 & setsid sleep 60 & exec sleep 60"};
  command.output = STDERR_FILENO;
  const auto doors = cgroup.doors();
  ASSERT_TRUE(doors) << doors.error().message;
  for (const net::Fd& door : *doors) command.joins.push_back(door.get());
  const auto child = spawn(command);
  ASSERT_TRUE(child) << child.error().message;

  const std::vector<pid_t> members = cgroup.members();
  EXPECT_EQ(std::ranges::count(members, child->pid), 1);
  EXPECT_TRUE(cgroup.cpu_time());
  EXPECT_FALSE(cgroup.remove()) << "while somebody is in it";
  cgroup.kill_all();
  ::waitpid(child->pid, nullptr, 0);

  const Time end = system_clock().now() + 5s;
  while (!cgroup.members().empty() && system_clock().now() < end) ::usleep(1000);
  EXPECT_THAT(cgroup.members(), IsEmpty());
  EXPECT_TRUE(cgroup.remove());
}

}  // namespace
}  // namespace weir::fleet
