#include "judge/panic.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::judge {
namespace {

TEST(Panic, WithoutAThresholdIsOnlyWhenNoneIsHealthy) {
  EXPECT_TRUE(panic({0, 5}, 0));
  EXPECT_FALSE(panic({1, 5}, 0));
}

TEST(Panic, IsWhenTheHealthyShareIsBelowTheThreshold) {
  EXPECT_TRUE(panic({2, 5}, 0.5));
  EXPECT_FALSE(panic({3, 5}, 0.5));
  EXPECT_FALSE(panic({2, 4}, 0.5));
  EXPECT_TRUE(panic({4, 5}, 1.0));
  EXPECT_FALSE(panic({5, 5}, 1.0));
}

TEST(Panic, IsNotInAGroupWithNothingToFailOpenTo) { EXPECT_FALSE(panic({0, 0}, 0.5)); }

TEST(Fitness, CountsWhatCouldTakeTraffic) {
  const ManualClock clock;
  std::vector<std::shared_ptr<const Endpoint>> endpoints;
  for (int i = 0; i < 6; ++i) {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->load = std::make_shared<Load>();
    endpoint->load->health = Health::healthy;
    endpoints.push_back(std::move(endpoint));
  }
  endpoints[0]->load->health = Health::starting;
  endpoints[1]->load->health = Health::unhealthy;
  endpoints[2]->load->draining = true;
  endpoints[3]->load->ejected_until = ns(clock.now() + 1s);
  endpoints[4]->load->ejected_until = ns(clock.now());

  const Fitness checked = count_fitness(endpoints, true, clock.now());
  const Fitness unchecked = count_fitness(endpoints, false, clock.now());

  EXPECT_EQ(checked.total, 4u);
  EXPECT_EQ(checked.healthy, 2u);
  EXPECT_EQ(unchecked.total, 5u);
  EXPECT_EQ(unchecked.healthy, 4u);
}

}  // namespace
}  // namespace weir::judge
