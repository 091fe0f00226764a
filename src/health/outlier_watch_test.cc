#include "health/outlier_watch.h"

#include <gtest/gtest.h>

namespace weir::health {
namespace {

class OutlierWatchTest : public testing::Test {
 protected:
  OutlierWatchTest() {
    clock.advance(1h);
    group.load = std::make_shared<GroupLoad>();
    for (std::uint64_t i = 1; i <= 6; ++i) {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->id = EndpointId{i};
      endpoint->load = std::make_shared<Load>();
      endpoint->load->health = Health::healthy;
      group.endpoints.push_back(std::move(endpoint));
    }
    watch.emplace(clock.now());
    interval();
  }
  Load& load(std::size_t i) { return *group.endpoints[i]->load; }
  std::vector<OutlierWatch::Taken> interval() {
    clock.advance(10s);
    return watch->look(group, clock.now());
  }
  void traffic(std::uint32_t answers) {
    for (std::size_t i = 0; i < 6; ++i) load(i).answers += answers;
  }

  ManualClock clock;
  Group group;
  std::optional<OutlierWatch> watch;
};

TEST_F(OutlierWatchTest, TakesOutWhoFailsMoreThanTheOthersInAnInterval) {
  traffic(200);
  load(3).errors += 100;

  const auto taken = interval();

  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].endpoint, group.endpoints[3]);
  EXPECT_EQ(taken[0].why, Ejected::success_rate);
  EXPECT_EQ(taken[0].ejection.length, 10s);
  EXPECT_GT(load(3).ejected_until, ns(clock.now()));

  clock.advance(60s);
  traffic(200);  // none of them a failure: the last interval does not count again
  EXPECT_TRUE(interval().empty());
}

TEST_F(OutlierWatchTest, WaitsForTheEndOfTheInterval) {
  traffic(200);
  load(3).errors += 100;
  clock.advance(9s);
  EXPECT_TRUE(watch->look(group, clock.now()).empty());
  clock.advance(1s);
  EXPECT_EQ(watch->look(group, clock.now()).size(), 1u);
}

TEST_F(OutlierWatchTest, TakesOutTheSlowWhereAskedTo) {
  group.options.outlier.latency.enabled = true;
  traffic(50);
  for (std::size_t i = 0; i < 6; ++i) load(i).first_byte = i == 2 ? 3.0 : 0.2;

  const auto taken = interval();

  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].why, Ejected::latency);
  EXPECT_EQ(taken[0].endpoint, group.endpoints[2]);
  EXPECT_EQ(load(2).first_byte, 0);
}

TEST_F(OutlierWatchTest, DoesNothingWhereSwitchedOff) {
  group.options.outlier.enabled = false;
  traffic(200);
  load(3).errors += 100;
  EXPECT_TRUE(interval().empty());
}

TEST_F(OutlierWatchTest, LearnsWhatSilenceMeansHung) {
  group.load->slowest = 20;
  watch->look(group, clock.now());
  EXPECT_EQ(group.load->hung_after, 0);  // nobody has answered yet

  traffic(20);
  watch->look(group, clock.now());
  EXPECT_NEAR(seconds(Duration(group.load->hung_after)), 60, 0.1);

  clock.advance(10min);
  watch->look(group, clock.now());
  EXPECT_NEAR(seconds(Duration(group.load->hung_after)), 30, 0.01);  // faded to its least
}

}  // namespace
}  // namespace weir::health
