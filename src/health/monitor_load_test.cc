// Many endpoints at once. 127.0.0.0/8 is one listener and as many addresses as a test wants.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "health/metrics.h"
#include "health/test_monitor.h"

namespace weir::health {
namespace {

std::vector<std::shared_ptr<Endpoint>> endpoints_at(std::uint16_t port, std::uint64_t first,
                                                    std::uint64_t count) {
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  for (std::uint64_t id = first; id < first + count; ++id) {
    endpoints.push_back(
        make_endpoint(id, fmt::format("127.1.{}.{}:{}", id / 250, id % 250 + 1, port)));
  }
  return endpoints;
}

// Both ends of each connection are ours.
void allow_descriptors(rlim_t count) {
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GE(limit.rlim_max, count) << "ulimit -Hn is too low for this test";
  limit.rlim_cur = std::max(limit.rlim_cur, count);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

bool all_healthy(const std::vector<std::shared_ptr<Endpoint>>& endpoints) {
  return std::all_of(endpoints.begin(), endpoints.end(),
                     [](const auto& endpoint) { return is(endpoint, Health::healthy); });
}

TEST(MonitorLoad, ChecksTwoThousandEndpointsEverySecond) {
  allow_descriptors(4096);
  const TestServer server(kWell, "0.0.0.0:0");
  const auto endpoints = endpoints_at(server.port(), 1, 2000);
  TestMonitor it;
  it.options.health_check.interval = 1s;
  const Time began = system_clock().now();

  it.show(endpoints);

  ASSERT_TRUE(eventually([&] { return all_healthy(endpoints); }));
  const Duration first = system_clock().now() - began;
  ASSERT_TRUE(eventually([&] { return it.checks("passed") >= 4000; }));
  const Duration second = system_clock().now() - began;
  RecordProperty("all_healthy_ms", static_cast<int>(first / 1ms));
  RecordProperty("checked_twice_ms", static_cast<int>(second / 1ms));
  EXPECT_EQ(it.checks("failed"), 0u);
  EXPECT_TRUE(eventually([&] { return it.turns().size() == 2000; }));
}

TEST(MonitorLoad, IsNotHeldUpByEndpointsThatHang) {
  // More of them than may begin at once, in front of one that is well.
  allow_descriptors(4096);
  const TestServer silent(kSilent, "0.0.0.0:0");
  const TestServer well(kWell);
  auto endpoints = endpoints_at(silent.port(), 1, 700);
  endpoints.push_back(make_endpoint(10'000, well.address()));
  TestMonitor it;
  it.options.health_check.interval = it.options.health_check.timeout = 1h;
  const Time began = system_clock().now();

  it.show(endpoints);

  ASSERT_TRUE(eventually([&] { return is(endpoints.back(), Health::healthy); }));
  RecordProperty("well_after_ms", static_cast<int>((system_clock().now() - began) / 1ms));
  EXPECT_TRUE(eventually([&] { return silent.open() == 700; }));
}

}  // namespace
}  // namespace weir::health
