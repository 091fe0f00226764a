// The order of recording and spawning.
#include <gmock/gmock.h>

#include "fleet/process/test_fleet.h"

namespace weir::fleet {
namespace {

using ::testing::IsEmpty;

// A store whose commits take as long as the test wants.
class SlowStore : public TestFleet {
 protected:
  Task<Result<>> keep(std::string id, std::string body) override {
    bodies_.push_back(body);
    while (commits_ == 0) co_await committed_.wait(kNever);
    --commits_;
    if (full_) co_return fail(Code::unavailable, "disk full");
    records_[id] = body;
    co_return Result<>();
  }
  void commit() {
    ++commits_;
    committed_.set();
  }
  void turn() { reactor_.turn(system_clock().now()); }

  std::vector<std::string> bodies_;
  int commits_ = 0;
  bool full_ = false;
  net::Signal committed_{reactor_};
};

TEST_F(SlowStore, ARecordIsCommittedBeforeTheSpawnAndAgainWithThePid) {
  start();
  Task<Result<Live>> launching = provider_->launch(shell("exec sleep 60"));
  launching.start();

  ASSERT_EQ(bodies_.size(), 1u);
  EXPECT_EQ(parse_record(bodies_[0])->process.pid, 0);
  EXPECT_THAT(provider_->list(), IsEmpty()) << "nothing runs before the commit";
  commit();
  ASSERT_TRUE(until([&] { return bodies_.size() == 2; }));
  const Record record = *parse_record(bodies_[1]);
  ASSERT_EQ(provider_->list().size(), 1u);
  EXPECT_EQ(record.process.pid, provider_->list().front().pid);
  EXPECT_EQ(record.process, read_process(record.process.pid)->id);
  EXPECT_EQ(record.boot, boot_id());
  EXPECT_FALSE(launching.done());
  commit();
  ASSERT_TRUE(until([&] { return launching.done(); }));
  EXPECT_TRUE(launching.result());
  commits_ = 100;
}

TEST_F(SlowStore, WithoutARecordNothingIsStarted) {
  start();
  full_ = true;
  commits_ = 1;

  const Result<Live> result = wait(provider_->launch(shell("exec sleep 60")));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "record of the instance: disk full");

  EXPECT_EQ(bodies_.size(), 1u);
  EXPECT_THAT(provider_->list(), IsEmpty());
}

TEST_F(SlowStore, OneThatIsTerminatedWhileItIsRecordedIsNeverStarted) {
  start();
  Task<Result<Live>> launching = provider_->launch(shell("exec sleep 60"));
  launching.start();

  ASSERT_TRUE(provider_->terminate("i-1", 10s));
  commit();
  ASSERT_TRUE(until([&] { return launching.done(); }));

  const Result<Live> result = launching.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unavailable);
  EXPECT_TRUE(records_.empty());
  EXPECT_THAT(exits_, IsEmpty());
}

TEST_F(SlowStore, AnEndIsNotToldBeforeItsLaunch) {
  start();
  Task<Result<Live>> launching = provider_->launch(shell("exit 1"));
  launching.start();
  commit();
  ASSERT_TRUE(until([&] { return bodies_.size() == 2; }));
  const auto pid = static_cast<pid_t>(provider_->list().front().pid);
  ASSERT_TRUE(until([&] { return read_process(pid)->dead(); }));
  turn();

  EXPECT_THAT(exits_, IsEmpty());
  commit();
  ASSERT_TRUE(until([&] { return launching.done(); }));

  EXPECT_EQ(end_of("i-1").cause, "exit status 1");
}

TEST_F(SlowStore, StopWaitsForLaunchesUnderWay) {
  start();
  Task<Result<Live>> launching = provider_->launch(shell("exec sleep 60"));
  launching.start();

  Task<> stopping = provider_->stop();
  stopping.start();
  turn();
  EXPECT_FALSE(stopping.done());
  commit();
  ASSERT_TRUE(until([&] { return stopping.done(); }));

  EXPECT_TRUE(launching.done());
  EXPECT_FALSE(launching.result());
  provider_.reset();
}

}  // namespace
}  // namespace weir::fleet
