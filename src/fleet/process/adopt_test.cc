// Taking over what an earlier weir left.
#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "fleet/process/environment.h"
#include "fleet/process/spawn.h"
#include "fleet/process/test_fleet.h"

namespace weir::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Adoption : public TestFleet {
 protected:
  Adoption() { devices_ = {"0", "1"}; }

  void change_record(const std::string& id, const std::function<void(Record&)>& change) {
    Record record = *parse_record(records_.at(id));
    change(record);
    records_[id] = to_json(record);
  }
};

TEST_F(Adoption, TakesOverWhatIsRecorded) {
  start();
  LaunchSpec wanted = shell("echo hello; exec sleep 60");
  wanted.launch.gpus = 1;
  wanted.version = 7;
  const Live before = launch(wanted);
  lines("i-1", 1);
  close();

  start();

  ASSERT_EQ(provider_->list().size(), 1u);
  const Live live = provider_->list().front();
  EXPECT_TRUE(live.adopted);
  EXPECT_EQ(live.instance, "i-1");
  EXPECT_EQ(live.group, "ocr");
  EXPECT_EQ(live.version, 7u);
  EXPECT_EQ(live.pid, before.pid);
  EXPECT_EQ(live.address, before.address);
  EXPECT_EQ(live.started, before.started);
  EXPECT_THAT(live.devices, ElementsAre("0"));
  EXPECT_EQ(provider_->capacity().devices_free, 1u) << "its device stays its own";
  EXPECT_EQ(provider_->capacity().ports_free, 19u) << "and its port";
  EXPECT_THAT(provider_->log_tail("i-1", 5), ElementsAre("hello"));
  EXPECT_THAT(exits_, IsEmpty());
}

TEST_F(Adoption, AnAdoptedOneIsWatchedAndTerminated) {
  start();
  launch(shell("exec sleep 60"));
  launch(shell("exec sleep 60"));
  close();
  start();
  const auto pid = static_cast<pid_t>(provider_->list().back().pid);

  ASSERT_TRUE(provider_->terminate("i-1", 10s));
  ::kill(pid, SIGKILL);

  EXPECT_TRUE(end_of("i-1").wanted);
  EXPECT_FALSE(end_of("i-2").wanted);
  EXPECT_TRUE(records_.empty());
}

TEST_F(Adoption, APidThatIsAnothersByNowIsLeftAlone) {
  start();
  const Live live = launch(shell("exec sleep 60"));
  close();
  const auto kept = records_;
  change_record("i-1", [](Record& record) {
    record.process.start -= 1;
    record.cgroup.clear();
  });
  // The stranger that has the pid now is none of ours.
  const std::string store = std::exchange(store_, "test-of-another-store");

  start();

  EXPECT_THAT(provider_->list(), IsEmpty());
  EXPECT_EQ(end_of("i-1").cause, "gone while weir was not running");
  close();
  EXPECT_TRUE(alive(read_process(static_cast<pid_t>(live.pid))->id));
  store_ = store;
  records_ = kept;
}

TEST_F(Adoption, ARecordOfAnotherBootIsGone) {
  start();
  const Live live = launch(shell("exec sleep 60"));
  close();
  const auto kept = records_;
  change_record("i-1", [](Record& record) { record.boot = "another"; });
  const std::string store = std::exchange(store_, "test-of-another-store");

  start();

  EXPECT_THAT(provider_->list(), IsEmpty());
  end_of("i-1");
  close();
  EXPECT_TRUE(alive(read_process(static_cast<pid_t>(live.pid))->id));
  store_ = store;
  records_ = kept;
}

TEST_F(Adoption, OneWhosePidWasNotRecordedYetIsFoundByItsVariables) {
  start();
  const Live before = launch(shell("exec sleep 60"));
  // While it becomes another program, its variables cannot be read.
  EXPECT_TRUE(until([&] {
    std::ifstream name(fmt::format("/proc/{}/comm", before.pid));
    std::string line;
    return std::getline(name, line) && line == "sleep";
  }));
  close();
  change_record("i-1", [](Record& record) { record.process = {}; });

  start();

  ASSERT_EQ(provider_->list().size(), 1u);
  EXPECT_EQ(provider_->list().front().pid, before.pid);
  EXPECT_TRUE(provider_->list().front().adopted);
}

TEST_F(Adoption, OneThatEndedMeanwhileIsToldOfOnce) {
  start();
  const Live live = launch(shell("echo last words; exec sleep 60"));
  lines("i-1", 1);
  close();
  ::kill(static_cast<pid_t>(live.pid), SIGKILL);
  ::waitpid(static_cast<pid_t>(live.pid), nullptr, 0);

  start();

  EXPECT_THAT(exits_, IsEmpty()) << "in the next turn, when on_exit can be set";
  const Exit exit = end_of("i-1");
  EXPECT_EQ(exit.cause, "gone while weir was not running");
  EXPECT_FALSE(exit.wanted);
  EXPECT_THAT(exit.last_lines, ElementsAre("last words"));
  EXPECT_TRUE(records_.empty());
}

TEST_F(Adoption, OneThatWasBeingStoppedIsStoppedOn) {
  start();
  launch(shell("trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"));
  lines("i-1", 1);
  ASSERT_TRUE(provider_->terminate("i-1", 200ms));
  lines("i-1", 2);
  close();

  start();

  EXPECT_TRUE(provider_->list().front().stopping);
  const Exit exit = end_of("i-1");
  EXPECT_TRUE(exit.wanted);
}

TEST_F(Adoption, WhatIsOursWithoutARecordIsEnded) {
  start();
  const Live polite = launch(shell("exec sleep 60"));
  const Live stubborn = launch(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
  lines("i-2", 1);
  const ProcessId one = read_process(static_cast<pid_t>(polite.pid))->id;
  const ProcessId two = read_process(static_cast<pid_t>(stubborn.pid))->id;
  close();
  records_.clear();

  start();

  EXPECT_TRUE(until([&] { return !alive(one) && !alive(two); }));
  EXPECT_THAT(exits_, IsEmpty());
  ::waitpid(one.pid, nullptr, 0);
  ::waitpid(two.pid, nullptr, 0);
}

TEST_F(Adoption, ProcessesOfAnotherStoreAreLeftAlone) {
  start();
  const Live live = launch(shell("exec sleep 60"));
  close();
  const auto kept = std::exchange(records_, {});
  const std::string store = std::exchange(store_, "test-of-another-store");
  start();
  until([] { return false; }, 60ms);  // several sweeps
  close();

  EXPECT_TRUE(alive(read_process(static_cast<pid_t>(live.pid))->id));
  store_ = store;
  records_ = kept;
}

TEST_F(Adoption, ARecordThatCannotBeReadIsDropped) {
  records_["i-9"] = "{ not json";

  start();

  end_of("i-9");
  EXPECT_TRUE(records_.empty());
}

// A weir of its own: this program once more, running the test below, ended by SIGKILL.
class KilledWeir : public Adoption {
 protected:
  Task<Result<>> keep(std::string id, std::string body) override {
    if (const char* folder = std::getenv("FLEET_TEST_FOLDER")) {
      const std::string path = std::string(folder) + "/record";
      std::ofstream(path + ".new") << body;
      std::filesystem::rename(path + ".new", path);
    }
    records_[id] = body;
    co_return Result<>();
  }
};

TEST_F(KilledWeir, DISABLED_LaunchesAndWaits) {
  const char* folder = std::getenv("FLEET_TEST_FOLDER");
  const char* store = std::getenv("FLEET_TEST_STORE");
  ASSERT_TRUE(folder && store);
  store_ = store;
  std::filesystem::remove_all(folder_);
  folder_ = folder;
  start();
  launch(shell("i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done"));
  until([] { return false; }, 60s);
}

TEST_F(KilledWeir, LeavesItsInstancesToTheNext) {
  std::vector<std::string> environment = own_environment();
  environment.push_back("FLEET_TEST_FOLDER=" + folder_);
  environment.push_back("FLEET_TEST_STORE=" + store_);
  const net::Fd output(
      ::open((folder_ + "/weir.log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  Command weir;
  weir.arguments = {std::filesystem::read_symlink("/proc/self/exe"),
                    "--gtest_also_run_disabled_tests",
                    "--gtest_filter=KilledWeir.DISABLED_LaunchesAndWaits"};
  weir.environment = environment;
  weir.output = output.get();
  const auto child = spawn(weir);
  ASSERT_TRUE(child) << child.error().message;
  const auto recorded = [&] {
    const auto text = read_file(folder_ + "/record");
    if (text) records_["i-1"] = *text;
    return text && parse_record(*text)->process.pid != 0;
  };
  ASSERT_TRUE(until(recorded)) << *read_file(folder_ + "/weir.log");
  ::kill(child->pid, SIGKILL);
  ::waitpid(child->pid, nullptr, 0);

  start();

  ASSERT_EQ(provider_->list().size(), 1u);
  EXPECT_TRUE(provider_->list().front().adopted);
  // It writes on: its output never was a pipe to the one that died.
  const std::size_t written = lines("i-1").size();
  EXPECT_TRUE(until([&] { return lines("i-1").size() > written + 3; }));
  ASSERT_TRUE(provider_->terminate("i-1", 10s));
  const Exit exit = end_of("i-1");
  EXPECT_EQ(exit.cause, "gone (adopted)");
  EXPECT_TRUE(exit.wanted);
}

}  // namespace
}  // namespace weir::fleet
