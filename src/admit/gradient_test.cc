#include "admit/gradient.h"

#include <gtest/gtest.h>

#include <queue>
#include <utility>
#include <vector>

#include "base/random.h"

namespace weir::admit {
namespace {

// A server with so many places that are served at once; what is above them queues. Clients always
// have one more request than the limit allows.
class Server {
 public:
  Server(std::uint32_t places, Duration service, AdaptiveConcurrency options)
      : places_(places), service_(service), options_(options) {}

  // Runs for a time with at most `offered` requests at once.
  void run(Duration length, std::uint32_t offered = 1000) {
    const Time end = clock_.now() + length;
    while (clock_.now() < end) {
      while (in_flight_ < std::min(gradient_.limit(options_), offered)) start();
      const auto [done, sent] = working_.top();
      working_.pop();
      clock_.advance(done - clock_.now());
      gradient_.answered(options_, sent, done - sent, in_flight_, clock_.now());
      --in_flight_;
      ++served_;
      most_ = std::max(most_, in_flight_ + 1);
    }
  }
  void set_places(std::uint32_t places) { places_ = places; }
  void set_service(Duration service) { service_ = service; }
  std::uint32_t limit() const { return gradient_.limit(options_); }
  const Gradient& gradient() const { return gradient_; }
  std::uint64_t take_served() { return std::exchange(served_, 0); }

 private:
  using Work = std::pair<Time, Time>;  // done, sent
  // Each place takes the next request when it is free; the time is within 10 % of the same.
  void start() {
    while (free_.size() < places_) free_.push(clock_.now());
    while (free_.size() > places_) free_.pop();
    const Time begin = std::max(free_.top(), clock_.now());
    free_.pop();
    const Duration jitter = Duration(static_cast<std::int64_t>(
        static_cast<double>(service_.count()) * (random_.unit() - 0.5) * 0.2));
    const Time done = begin + service_ + jitter;
    free_.push(done);
    working_.push({done, clock_.now()});
    ++in_flight_;
  }

  std::uint32_t places_;
  Duration service_;
  AdaptiveConcurrency options_;
  ManualClock clock_;
  Random random_{3};
  Gradient gradient_;
  std::priority_queue<Time, std::vector<Time>, std::greater<>> free_;
  std::priority_queue<Work, std::vector<Work>, std::greater<>> working_;
  std::uint32_t in_flight_ = 0;
  std::uint32_t most_ = 0;
  std::uint64_t served_ = 0;
};

AdaptiveConcurrency enabled() {
  AdaptiveConcurrency options;
  options.enabled = true;
  return options;
}

TEST(Gradient, BeginsAtTheInitialLimit) {
  Gradient gradient;
  AdaptiveConcurrency options = enabled();
  EXPECT_EQ(gradient.limit(options), 10u);
  options.max = 4;
  EXPECT_EQ(gradient.limit(options), 4u);
}

// Little's law: a server of 8 places is fully used at 8; half as much again is the tolerance.
TEST(Gradient, SettlesALittleAboveWhatTheServerTakes) {
  for (const std::uint32_t places : {2u, 8u, 32u}) {
    AdaptiveConcurrency options = enabled();
    options.initial = 2;
    Server server(places, 100ms, options);
    server.run(60s);
    server.take_served();

    server.run(60s);

    EXPECT_GE(server.limit(), places) << places;
    EXPECT_LE(server.limit(), places * 5 / 2 + 2) << places;
    // And the server is busy: at least 95 % of what it can.
    EXPECT_GE(server.take_served(), places * 600 * 95 / 100) << places;
  }
}

TEST(Gradient, ComesDownFromFarTooMuch) {
  AdaptiveConcurrency options = enabled();
  options.initial = 4;
  Server server(4, 50ms, options);
  server.run(20s, 2);  // quiet: learns the latency without load
  EXPECT_GE(server.gradient().base(), 45ms);
  EXPECT_LE(server.gradient().base(), 55ms);

  server.run(60s);

  EXPECT_LE(server.limit(), 12u);
}

TEST(Gradient, FollowsAServerThatLosesAndRegainsPlaces) {
  AdaptiveConcurrency options = enabled();
  options.probe_interval = 30s;
  Server server(16, 100ms, options);
  server.run(60s);
  EXPECT_GE(server.limit(), 16u);

  server.set_places(4);
  server.run(60s);
  EXPECT_LE(server.limit(), 12u);

  server.set_places(16);
  server.run(60s);
  EXPECT_GE(server.limit(), 16u);
}

// Twice as slow for all, as after a larger model: the old base would hold the limit down for ever.
TEST(Gradient, LearnsTheBaseAnewByAProbe) {
  AdaptiveConcurrency options = enabled();
  options.probe_interval = 20s;
  Server server(8, 50ms, options);
  server.run(60s);

  server.set_service(200ms);
  server.run(60s);

  EXPECT_GE(server.gradient().base(), 180ms);
  EXPECT_LE(server.gradient().base(), 220ms);
  EXPECT_GE(server.limit(), 8u);
  EXPECT_LE(server.limit(), 22u);
}

TEST(Gradient, DoesNotRiseWhereNobodyReachesIt) {
  Server server(100, 10ms, enabled());
  server.run(60s, 2);
  EXPECT_LE(server.limit(), 11u);
}

TEST(Gradient, StaysWithinItsBounds) {
  AdaptiveConcurrency options = enabled();
  options.min = 3;
  options.max = 6;
  options.initial = 4;
  Server small(1, 100ms, options);
  small.run(120s);
  EXPECT_GE(small.limit(), 3u);

  Server large(100, 10ms, options);
  large.run(120s);
  EXPECT_EQ(large.limit(), 6u);
}

}  // namespace
}  // namespace weir::admit
