#include "health/fitness_watch.h"

#include <gtest/gtest.h>

#include "health/test_server.h"

namespace weir::health {
namespace {

class FitnessWatchTest : public testing::Test {
 protected:
  FitnessWatchTest() {
    group.load = std::make_shared<GroupLoad>();
    for (std::uint64_t id = 1; id <= 4; ++id) {
      group.endpoints.push_back(make_endpoint(id, "127.0.0.1:1"));
      load(id - 1).health = Health::healthy;
    }
  }
  Load& load(std::size_t i) { return *group.endpoints[i]->load; }
  FitnessWatch::Seen look() { return watch.look(group, clock.now()); }

  ManualClock clock;
  Group group;
  FitnessWatch watch{clock.now()};
};

TEST_F(FitnessWatchTest, BeginsAndEndsPanicAtTheThreshold) {
  group.options.panic_threshold = 0.5;
  for (std::size_t i : {0, 1}) load(i).health = Health::unhealthy;
  EXPECT_FALSE(look().panic_began);
  load(2).health = Health::unhealthy;

  const FitnessWatch::Seen seen = look();

  EXPECT_TRUE(seen.panic_began);
  EXPECT_TRUE(seen.relief);
  EXPECT_EQ(seen.healthy, 1u);
  EXPECT_EQ(seen.total, 4u);
  EXPECT_TRUE(group.load->panic);
  EXPECT_FALSE(look().panic_began);
  load(2).health = Health::healthy;
  EXPECT_TRUE(look().panic_ended);
  EXPECT_FALSE(group.load->panic);
}

TEST_F(FitnessWatchTest, PanicsByDefaultOnlyWhenNoneIsFit) {
  for (std::size_t i : {0, 1, 2}) load(i).health = Health::unhealthy;
  EXPECT_FALSE(look().panic_began);

  load(3).ejected_until = ns(clock.now() + 1s);

  EXPECT_TRUE(look().panic_began);
}

TEST_F(FitnessWatchTest, NoticesTheEndOfAnEjectionOnce) {
  load(0).ejected_until = ns(clock.now() + 1s);
  EXPECT_FALSE(look().relief);
  clock.advance(999ms);
  EXPECT_FALSE(look().relief);
  clock.advance(1ms);

  EXPECT_TRUE(look().relief);

  EXPECT_FALSE(look().relief);
}

TEST_F(FitnessWatchTest, CountsOnlyEjectionsWhereNothingIsChecked) {
  group.options.health_check.enabled = false;
  for (std::size_t i = 0; i < 4; ++i) load(i).health = Health::unhealthy;
  EXPECT_FALSE(look().panic_began);

  for (std::size_t i = 0; i < 4; ++i) load(i).ejected_until = ns(clock.now() + 1s);

  EXPECT_TRUE(look().panic_began);
}

}  // namespace
}  // namespace weir::health
