#include "health/monitor.h"

#include <gtest/gtest.h>

#include "health/metrics.h"
#include "health/test_monitor.h"

namespace weir::health {

std::uint64_t TestMonitor::checks(const char* result) const {
  return registry.total(metrics::checks_total, {"models", result});
}

namespace {

class MonitorTest : public testing::Test {
 protected:
  std::string reason(const std::shared_ptr<Endpoint>& endpoint) {
    const auto last = it.monitor.last(endpoint->id);
    return last ? last->reason : "";
  }
  TestMonitor it;
};

TEST_F(MonitorTest, ChecksANewEndpointAtOnce) {
  const TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.options.health_check.interval = 1h;
  const Time before = system_clock().now();

  it.show({endpoint});

  ASSERT_TRUE(eventually([&] { return it.turns().size() == 1; }));
  const TestMonitor::Turn turn = it.turns()[0];
  EXPECT_EQ(turn.before, Health::starting);
  EXPECT_EQ(turn.now, Health::healthy);
  EXPECT_EQ(turn.reason, "200 OK");
  EXPECT_LT(turn.at - before, 1s);
  EXPECT_TRUE(is(endpoint, Health::healthy));
  EXPECT_GE(endpoint->load->in_service_since, ns(before));
  EXPECT_EQ(it.monitor.last().at(endpoint->id).result, Answer::Result::passed);
  EXPECT_EQ(it.registry.total(metrics::turns_total, {"models", "healthy"}), 1u);
}

TEST_F(MonitorTest, AdmitsAnInstanceWithin100MsOfItsPortOpening) {
  const std::uint16_t port = free_port();
  const auto endpoint = make_endpoint(1, on_port(port));
  endpoint->instance = "i-1";
  it.options.health_check.interval = 1h;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return it.checks("failed") >= 10; }));
  EXPECT_TRUE(is(endpoint, Health::starting));
  EXPECT_EQ(reason(endpoint), "refused");

  const TestServer server(kWell, on_port(port));
  const Time opened = system_clock().now();

  ASSERT_TRUE(eventually([&] { return it.turns().size() == 1; }));
  EXPECT_LT(it.turns()[0].at - opened, 100ms);
}

TEST_F(MonitorTest, TurnsAfterSoManyAnswersInARow) {
  TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.options.health_check.healthy = 4;
  it.options.health_check.unhealthy = 3;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));
  EXPECT_EQ(it.checks("passed"), 1u);

  server.respond(kSick);
  ASSERT_TRUE(eventually([&] { return it.turns().size() == 2; }));
  EXPECT_EQ(it.turns()[1].now, Health::unhealthy);
  EXPECT_EQ(it.turns()[1].reason, "503 Service Unavailable");
  EXPECT_GE(it.checks("failed"), 3u);
  const std::uint64_t passed = it.checks("passed");

  server.respond(kWell);
  ASSERT_TRUE(eventually([&] { return it.turns().size() == 3; }));
  EXPECT_EQ(it.turns()[2].now, Health::healthy);
  EXPECT_GE(it.checks("passed"), passed + 4);
}

TEST_F(MonitorTest, TurnsAServerUnhealthyThatAcceptsAndNeverAnswers) {
  TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.options.health_check.timeout = 30ms;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));

  server.respond(kSilent);

  ASSERT_TRUE(eventually([&] { return it.turns().size() == 2; }));
  EXPECT_EQ(it.turns()[1].now, Health::unhealthy);
  EXPECT_EQ(it.turns()[1].reason, "timed out");
}

TEST_F(MonitorTest, ChecksTcp) {
  auto server = std::make_unique<TestServer>(kSilent);
  const auto endpoint = make_endpoint(1, server->address());
  it.options.health_check.protocol = "tcp";
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));

  server.reset();

  ASSERT_TRUE(eventually([&] { return it.turns().size() == 2; }));
  EXPECT_EQ(it.turns()[1].now, Health::unhealthy);
  EXPECT_EQ(it.turns()[1].reason, "refused");
}

TEST_F(MonitorTest, StopsCheckingWhatIsGoneEvenInTheMiddleOfACheck) {
  TestServer server(kSilent);
  const auto endpoint = make_endpoint(1, server.address());
  it.options.health_check.timeout = 1h;
  it.options.health_check.interval = 1h;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return server.open() == 1; }));

  it.show({});

  ASSERT_TRUE(eventually([&] { return server.open() == 0; }));
  EXPECT_EQ(it.checks("failed"), 0u);
  EXPECT_FALSE(it.monitor.last(endpoint->id));
  // A later round would come at once, were there one.
  const auto other = make_endpoint(2, server.address());
  server.respond(kWell);
  it.show({other});
  ASSERT_TRUE(eventually([&] { return is(other, Health::healthy); }));
  EXPECT_TRUE(is(endpoint, Health::starting));
}

TEST_F(MonitorTest, TriesChangedOptionsAtOnce) {
  const TestServer server(kSick);
  const auto endpoint = make_endpoint(1, server.address());
  it.options.health_check.interval = 1h;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return it.checks("failed") > 0; }));

  it.options.health_check.codes = {"503"};
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));
  it.options.health_check.codes = {"200"};
  it.options.health_check.unhealthy = 1;
  it.show({endpoint});

  EXPECT_TRUE(eventually([&] { return is(endpoint, Health::unhealthy); }));
}

TEST_F(MonitorTest, AdmitsEndpointsOfAGroupThatIsNotChecked) {
  const auto endpoint = make_endpoint(1, on_port(free_port()));
  it.options.health_check.enabled = false;

  it.show({endpoint});

  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));
  ASSERT_TRUE(eventually([&] { return it.turns().size() == 1; }));
  EXPECT_EQ(it.turns()[0].before, Health::starting);
  EXPECT_EQ(it.turns()[0].reason, "not checked");
  it.show({endpoint});
  it.options.health_check.enabled = true;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::unhealthy); }));
  it.options.health_check.enabled = false;
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));
  EXPECT_TRUE(eventually([&] { return it.turns().size() == 3; }));
}

TEST_F(MonitorTest, ChecksADrainingEndpointToo) {
  TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return is(endpoint, Health::healthy); }));
  endpoint->load->draining = true;

  server.respond(kSick);

  EXPECT_TRUE(eventually([&] { return is(endpoint, Health::unhealthy); }));
}

TEST_F(MonitorTest, TellsThatAGroupIsRelievedAtOnceWhenAnEndpointTurnsHealthy) {
  const TestServer server(kWell);
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  it.options.health_check.interval = 1h;
  for (std::uint64_t id = 1; id <= 6; ++id) {
    endpoints.push_back(make_endpoint(id, server.address()));
    it.show(endpoints);
    ASSERT_TRUE(eventually([&] { return it.reliefs() == id; }));
  }

  // Not only at the next regular look, up to 250 ms later.
  const std::vector<TestMonitor::Turn> turns = it.turns();
  const std::vector<Time> relieved_at = it.relieved_at();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_LT(relieved_at[i] - turns[i].at, 50ms);
}

TEST_F(MonitorTest, PanicsWhileNoEndpointIsFit) {
  TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return it.reliefs() == 1; }));
  EXPECT_FALSE(it.load->panic);

  server.respond(kSick);
  ASSERT_TRUE(eventually([&] { return it.load->panic.load(); }));
  EXPECT_TRUE(eventually([&] { return it.reliefs() == 2; }));
  EXPECT_EQ(it.registry.total(metrics::panics_total, {"models"}), 1u);

  server.respond(kWell);
  EXPECT_TRUE(eventually([&] { return !it.load->panic.load(); }));
  EXPECT_TRUE(eventually([&] { return it.reliefs() == 3; }));
}

TEST_F(MonitorTest, NoticesThatAnEjectionEnded) {
  const TestServer server(kWell);
  const auto endpoint = make_endpoint(1, server.address());
  it.show({endpoint});
  ASSERT_TRUE(eventually([&] { return it.reliefs() == 1; }));
  endpoint->load->ejected_until = ns(system_clock().now() + 600ms);
  ASSERT_TRUE(eventually([&] { return it.load->panic.load(); }));

  EXPECT_TRUE(eventually([&] { return !it.load->panic.load(); }));

  EXPECT_GE(ns(system_clock().now()), endpoint->load->ejected_until.load());
  EXPECT_TRUE(eventually([&] { return it.reliefs() == 3; }));
}

TEST_F(MonitorTest, EndsInTheMiddleOfEverything) {
  const TestServer silent(kSilent);
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  for (std::uint64_t id = 1; id <= 400; ++id) {
    endpoints.push_back(make_endpoint(id, id % 2 ? silent.address() : on_port(free_port())));
  }
  it.show(endpoints);
  ASSERT_TRUE(eventually([&] { return silent.open() >= 100; }));

  it.monitor.stop();

  EXPECT_TRUE(eventually([&] { return silent.open() == 0; }));
}

}  // namespace
}  // namespace weir::health
