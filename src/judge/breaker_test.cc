#include "judge/breaker.h"

#include <gtest/gtest.h>

#include "judge/retry_budget.h"

namespace weir::judge {
namespace {

TEST(CircuitBreaker, IsOffByDefault) {
  GroupLoad load;
  load.in_flight = load.connections = load.retrying = 1'000'000;
  EXPECT_FALSE(requests_tripped({}, load));
  EXPECT_FALSE(connections_tripped({}, load));
  EXPECT_FALSE(retries_tripped({}, load));
  EXPECT_EQ(bounded(Queue{}, {}), Queue{});
}

TEST(CircuitBreaker, TripsAtEachOfItsLimits) {
  CircuitBreaker options;
  options.requests = 3;
  options.connections = 4;
  options.retries = 2;
  GroupLoad load;
  load.in_flight = 2;
  load.retrying = 1;
  EXPECT_FALSE(requests_tripped(options, load));
  EXPECT_FALSE(retries_tripped(options, load));

  ++load.in_flight;
  ++load.retrying;

  EXPECT_TRUE(requests_tripped(options, load));
  EXPECT_TRUE(retries_tripped(options, load));
}

TEST(CircuitBreaker, CountsUnusedConnectionsButRefusesNobodyForThem) {
  CircuitBreaker options;
  options.connections = 4;
  GroupLoad load;
  load.connections = 4;
  load.in_flight = 4;  // the last of them wants to connect
  EXPECT_FALSE(connections_tripped(options, load));
  EXPECT_TRUE(may_keep(options, load));

  load.in_flight = 5;
  EXPECT_TRUE(connections_tripped(options, load));
  load.connections = 5;
  EXPECT_FALSE(may_keep(options, load));
  load.connections = 3;
  EXPECT_FALSE(connections_tripped(options, load));
}

TEST(CircuitBreaker, ShortensTheLineButNeverLengthensIt) {
  CircuitBreaker options;
  Queue queue;
  queue.length = 10;

  options.pending = 4;
  EXPECT_EQ(bounded(queue, options).length, 4u);
  options.pending = 40;
  EXPECT_EQ(bounded(queue, options).length, 10u);
  EXPECT_FALSE(bounds_line(options, queue));
}

TEST(CircuitBreaker, BoundsRetriesBesideTheBudget) {
  GroupLoad load;
  load.in_flight = 1000;
  const Retry budget;

  EXPECT_TRUE(take_retry(load, budget, 2));
  EXPECT_TRUE(take_retry(load, budget, 2));
  EXPECT_FALSE(take_retry(load, budget, 2));
  EXPECT_TRUE(take_retry(load, budget));
}

}  // namespace
}  // namespace weir::judge
