#include <gtest/gtest.h>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

constexpr auto kSuccess = Outcome::Kind::success;
constexpr auto kFailure = Outcome::Kind::failure;
constexpr auto kCancelled = Outcome::Kind::cancelled;

class PeakEwma : public testing::Test {
 protected:
  void finished(std::size_t i, Outcome outcome) {
    g.balancer().finished(*g.endpoints[i], outcome, g.clock.now());
  }
  double latency(std::size_t i) { return g.load(i).latency; }

  TestGroup g{2, algorithm("peak_ewma")};
};

TEST_F(PeakEwma, IsTheDefault) { EXPECT_EQ(Algorithm{}.name, "peak_ewma"); }

TEST_F(PeakEwma, JumpsToAPeakAtOnceAndComesBackSlowly) {
  finished(0, {kSuccess, 100ms});
  g.clock.advance(1s);
  finished(0, {kSuccess, 2s});
  EXPECT_DOUBLE_EQ(latency(0), 2.0);

  g.clock.advance(1s);
  finished(0, {kSuccess, 100ms});
  EXPECT_GT(latency(0), 1.5);
  EXPECT_LT(latency(0), 2.0);

  for (int n = 0; n < 100; ++n) {
    g.clock.advance(1s);
    finished(0, {kSuccess, 100ms});
  }
  EXPECT_NEAR(latency(0), 0.1, 0.02);
}

TEST_F(PeakEwma, PrefersTheFasterOfTwoIdleEndpoints) {
  finished(0, {kSuccess, 200ms});
  finished(1, {kSuccess, 100ms});

  for (int n = 0; n < 20; ++n) EXPECT_EQ(g.pick(), 1u);
}

TEST_F(PeakEwma, WeighsLatencyAgainstRequestsInFlight) {
  finished(0, {kSuccess, 400ms});
  finished(1, {kSuccess, 100ms});

  for (int n = 0; n < 100; ++n) g.start();

  EXPECT_NEAR(g.load(1).in_flight.load(), 80, 2);
}

TEST_F(PeakEwma, DividesByTheWeight) {
  g.endpoints[0]->weight = 4;
  finished(0, {kSuccess, 100ms});
  finished(1, {kSuccess, 100ms});

  for (int n = 0; n < 100; ++n) g.start();

  EXPECT_NEAR(g.load(0).in_flight.load(), 80, 2);
}

TEST_F(PeakEwma, SendsOneRequestAtATimeToAnUnknownEndpoint) {
  finished(0, {kSuccess, 100ms});

  EXPECT_EQ(g.start(), 1u);
  for (int n = 0; n < 50; ++n) EXPECT_EQ(g.start(), 0u);

  g.finish(1, {kSuccess, 100ms});
  EXPECT_EQ(g.pick(), 1u);
}

TEST_F(PeakEwma, SpreadsEvenlyWhileAllAreUnknown) {
  for (int n = 0; n < 100; ++n) g.start();
  EXPECT_EQ(g.load(0).in_flight, 50u);
}

TEST_F(PeakEwma, TriesASlowEndpointAgainAfterARest) {
  finished(0, {kSuccess, 100ms});
  finished(1, {kSuccess, 2s});
  g.load(0).in_flight = 1;

  EXPECT_EQ(g.pick(), 0u);
  g.clock.advance(30s);
  EXPECT_EQ(g.pick(), 1u);
}

TEST_F(PeakEwma, DoesNotTakeARestedEndpointForFasterThanTheBest) {
  finished(0, {kSuccess, 110ms});
  g.clock.advance(600s);
  finished(1, {kSuccess, 100ms});

  for (int n = 0; n < 100; ++n) g.start();

  EXPECT_NEAR(g.load(0).in_flight.load(), 50, 1);
}

TEST_F(PeakEwma, DoesNotPileRequestsOnAnEndpointThatHangs) {
  finished(0, {kSuccess, 100ms});
  finished(1, {kSuccess, 110ms});

  for (int n = 0; n < 6000; ++n) {  // a minute at 100 a second; endpoint 1 never answers
    const EndpointIndex i = *g.start();
    g.clock.advance(10ms);
    if (i == 0) g.finish(0, {kSuccess, 100ms});
  }

  EXPECT_LE(g.load(1).in_flight, 3u);
}

TEST_F(PeakEwma, NeverTakesAFailedOrCancelledRequestForAFastOne) {
  finished(0, {kSuccess, 100ms});
  for (const auto kind : {kFailure, kCancelled}) {
    const double before = latency(0);
    g.clock.advance(5s);
    finished(0, {kind, 1ms});
    EXPECT_GE(latency(0), before);
  }
}

TEST_F(PeakEwma, LearnsFromACancelledRequestThatItTakesAtLeastAsLong) {
  finished(0, {kSuccess, 100ms});
  finished(0, {kCancelled, 3s});
  EXPECT_DOUBLE_EQ(latency(0), 3.0);
}

TEST_F(PeakEwma, KnowsNothingMoreOfAnEndpointWhoseFirstRequestWasCancelled) {
  finished(0, {kCancelled, 1ms});
  EXPECT_EQ(latency(0), 0.0);
}

TEST_F(PeakEwma, SendsLittleToAnEndpointThatFailsAtOnce) {
  int failed = 0;
  for (int n = 0; n < 10000; ++n) {  // 100 seconds; endpoint 0 answers 500 within a millisecond
    const EndpointIndex i = *g.start();
    if (i == 0) {
      ++failed;
      g.clock.advance(1ms);
      g.finish(0, {kFailure, 1ms});
      g.clock.advance(9ms);
    } else {
      g.clock.advance(10ms);
      g.finish(1, {kSuccess, 10ms});
    }
  }
  EXPECT_LE(failed, 200);  // least_request would send 5,000
}

TEST_F(PeakEwma, SharesWhatItLearntWithTheOtherWorkers) {
  finished(0, {kSuccess, 200ms});
  finished(1, {kSuccess, 100ms});

  auto other = g.current_plan().balancer(g.random);

  for (int n = 0; n < 20; ++n) EXPECT_EQ(other->pick({}, g.view()), 1u);
}

TEST_F(PeakEwma, RefusesADecayOfNothing) {
  Algorithm options = algorithm("peak_ewma");
  options.decay = 0s;
  EXPECT_EQ(make_plan(options, {}, nullptr).error().message, "decay must be above 0");
}

}  // namespace
}  // namespace weir::balance
