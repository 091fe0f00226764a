#include "judge/outlier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace weir::judge {
namespace {

class OutlierTest : public testing::Test {
 protected:
  OutlierTest() { resize(4); }

  void resize(std::size_t size) {
    group.clear();
    for (std::size_t i = 0; i < size; ++i) {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->load = std::make_shared<Load>();
      group.push_back(std::move(endpoint));
    }
  }
  Load& load(std::size_t i) { return *group[i]->load; }
  OutlierVerdict result(std::size_t i, bool failure) {
    return on_result(load(i), options, failure, clock.now(), group);
  }
  OutlierVerdict fail(std::size_t i, int times) {
    OutlierVerdict last;
    for (int n = 0; n < times; ++n) last = result(i, true);
    return last;
  }
  bool ejected(std::size_t i) { return load(i).ejected_until > ns(clock.now()); }

  ManualClock clock;
  Outlier options;  // 5 failures, 10 s, at most 300 s, half of the group
  std::vector<std::shared_ptr<const Endpoint>> group;
};

TEST_F(OutlierTest, EjectsAfterSoManyFailuresInARow) {
  EXPECT_FALSE(fail(0, 4));

  const OutlierVerdict verdict = fail(0, 1);

  EXPECT_TRUE(verdict);
  EXPECT_EQ(verdict.length, 10s);
  EXPECT_EQ(verdict.failures, 5u);
  EXPECT_EQ(verdict.in_a_row, 1u);
  EXPECT_TRUE(ejected(0));
  clock.advance(10s);
  EXPECT_FALSE(ejected(0));
}

TEST_F(OutlierTest, ForgetsFailuresAtASuccess) {
  for (int n = 0; n < 100; ++n) {
    EXPECT_FALSE(fail(0, 4));
    result(0, false);
  }
  EXPECT_FALSE(ejected(0));
}

TEST_F(OutlierTest, DoesNothingWhereSwitchedOff) {
  options.enabled = false;
  EXPECT_FALSE(fail(0, 100));
  EXPECT_EQ(load(0).failures, 0);
}

TEST_F(OutlierTest, LetsRequestsSentBeforeNotProlongAnEjection) {
  fail(0, 5);
  const auto until = load(0).ejected_until.load();
  EXPECT_FALSE(fail(0, 50));
  EXPECT_EQ(load(0).ejected_until, until);
  EXPECT_EQ(load(0).failures, 0);
}

TEST_F(OutlierTest, EjectsForLongerEachTimeInARowUpToTheMost) {
  options.max_ejection = 35s;
  for (const Duration expected : {10s, 20s, 30s, 35s, 35s}) {
    const OutlierVerdict verdict = fail(0, 5);
    EXPECT_EQ(verdict.length, expected);
    clock.advance(verdict.length);
  }
  EXPECT_EQ(load(0).ejections, 5);
}

TEST_F(OutlierTest, ForgetsEjectionsInAGoodTime) {
  clock.advance(fail(0, 5).length);
  clock.advance(fail(0, 5).length);
  clock.advance(fail(0, 5).length);  // 30 s
  ASSERT_EQ(load(0).ejections, 3);

  clock.advance(30s);
  const OutlierVerdict one_forgotten = fail(0, 5);
  EXPECT_EQ(one_forgotten.in_a_row, 3u);

  clock.advance(one_forgotten.length + 1h);
  EXPECT_EQ(fail(0, 5).in_a_row, 1u);
}

TEST_F(OutlierTest, KeepsToTheShareOfTheGroupThatMayGo) {
  EXPECT_TRUE(fail(0, 5));
  EXPECT_TRUE(fail(1, 5));
  EXPECT_FALSE(fail(2, 50));

  clock.advance(10s);
  EXPECT_TRUE(fail(2, 1));  // there is room again, and it has failed long enough
}

TEST_F(OutlierTest, LetsOneOfTwoGoButNeverTheOnlyOne) {
  options.max_ejected_share = 0.1;
  resize(2);
  EXPECT_TRUE(fail(0, 5));
  EXPECT_FALSE(fail(1, 50));

  resize(1);
  EXPECT_FALSE(fail(0, 50));
}

TEST_F(OutlierTest, RoundsTheShareDown) {
  EXPECT_EQ(most_ejected(options, 0), 0u);
  EXPECT_EQ(most_ejected(options, 1), 0u);
  EXPECT_EQ(most_ejected(options, 2), 1u);
  EXPECT_EQ(most_ejected(options, 3), 1u);
  EXPECT_EQ(most_ejected(options, 5), 2u);
  options.max_ejected_share = 0.3;
  EXPECT_EQ(most_ejected(options, 10), 3u);
  options.max_ejected_share = 1;
  EXPECT_EQ(most_ejected(options, 7), 7u);
}

TEST_F(OutlierTest, CountsFarMoreFailuresThanItsCounterHolds) {
  resize(1);
  fail(0, 70000);
  EXPECT_EQ(load(0).failures, 65535);
}

TEST_F(OutlierTest, HoldsTheCapWhenWorkersRace) {
  for (int round = 0; round < 200; ++round) {
    resize(4);
    std::atomic<int> ready{0};
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < 4; ++i) {
      workers.emplace_back([this, i, &ready] {
        fail(i, 4);
        for (++ready; ready < 4;) std::this_thread::yield();
        fail(i, 4);
      });
    }
    for (auto& worker : workers) worker.join();
    ASSERT_LE(count_ejected(group, clock.now()), 2u);
  }
}

}  // namespace
}  // namespace weir::judge
