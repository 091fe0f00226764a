// The algorithms against slow servers, in a discrete-event simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <queue>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

struct Scenario {
  double rate;  // requests a second, Poisson
  Duration length;
  std::function<double(EndpointIndex, double now, double normal)> service;  // seconds
};

// The latencies of all requests, sorted, in seconds. Endpoints serve any number at once.
std::vector<double> simulate(std::string_view name, std::size_t size, const Scenario& run) {
  struct End {
    Time at, since;
    EndpointIndex endpoint;
    bool operator>(const End& other) const { return at > other.at; }
  };
  TestGroup g(size, algorithm(name), 3);
  Random chance(7);
  std::priority_queue<End, std::vector<End>, std::greater<>> ends;
  std::vector<double> latencies;
  const Time start = g.clock.now();
  Time arrival = start;
  while (arrival < start + run.length || !ends.empty()) {
    if (!ends.empty() && (ends.top().at <= arrival || arrival >= start + run.length)) {
      const End end = ends.top();
      ends.pop();
      g.clock.advance(end.at - g.clock.now());
      g.finish(end.endpoint, {Outcome::Kind::success, end.at - end.since});
      latencies.push_back(seconds(end.at - end.since));
    } else {
      g.clock.advance(arrival - g.clock.now());
      const EndpointIndex i = *g.start(chance());
      const double normal = std::sqrt(-2 * std::log(1 - chance.unit())) *
                            std::cos(2 * std::numbers::pi * chance.unit());
      const double took = run.service(i, seconds(arrival - start), normal);
      ends.push({arrival + from_seconds(took), arrival, i});
      arrival += from_seconds(-std::log(1 - chance.unit()) / run.rate);
    }
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size()))];
}

// Buoyant 2016, "Beyond round robin: load balancing for latency": 11 servers of 167 ms, 1,000
// requests a second for 60 s; one server answers after 2 s from t = 15 s to 45 s. Answers within a
// second: round robin 95 %, least loaded 99 %, peak EWMA 99.9 %.
double within_a_second(std::string_view name) {
  const Scenario run{
      1000, 60s, [](EndpointIndex i, double now, double normal) {
        return i == 0 && now >= 15 && now < 45 ? 2.0 : std::max(0.1, 0.167 + 0.005 * normal);
      }};
  const auto latencies = simulate(name, 11, run);
  const auto late = std::lower_bound(latencies.begin(), latencies.end(), 1.0);
  return static_cast<double>(late - latencies.begin()) / static_cast<double>(latencies.size());
}

TEST(SlowServer, CostsRoundRobinOneRequestInTwenty) {
  EXPECT_NEAR(within_a_second("round_robin"), 0.955, 0.003);
}

TEST(SlowServer, CostsLeastRequestOneInTwoHundred) {
  EXPECT_NEAR(within_a_second("least_request"), 0.995, 0.002);
}

TEST(SlowServer, CostsPeakEwmaLessThanOneInAThousand) {
  EXPECT_GT(within_a_second("peak_ewma"), 0.999);
}

// 16 servers, 14 of 50 ms and 2 sixteen times slower, 500 requests a second.
TEST(SlowServer, IsLeftOutOfTheTailByPeakEwma) {
  const Scenario run{500, 120s, [](EndpointIndex i, double, double normal) {
                       const double sigma = std::sqrt(std::log(1 + 0.3 * 0.3));
                       return 0.05 * std::exp(normal * sigma - sigma * sigma / 2) *
                              (i < 2 ? 16 : 1);
                     }};

  const auto least = simulate("least_request", 16, run);
  const auto ewma = simulate("peak_ewma", 16, run);

  EXPECT_GT(quantile(least, 0.99), 0.4);
  EXPECT_LT(quantile(ewma, 0.99), 0.15);
}

}  // namespace
}  // namespace weir::balance
