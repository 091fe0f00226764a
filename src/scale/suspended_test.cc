// Processes that are suspended, as EC2's "Suspend and resume a process": and the grace of health
// checks.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

std::string notes(const TestWorld& w) {
  std::string all;
  for (const std::string& note : w.last.notes) all += note + "\n";
  return all;
}

TEST(Suspended, LaunchesAreCaughtUpWithAfterwards) {
  TestWorld w = serving(2);
  w.options.suspended = {"launch"};
  w.manual(4);
  w.run(2s);
  EXPECT_EQ(w.last.desired, 4u);
  EXPECT_EQ(w.facts.instances.size(), 2u) << w.causes();
  w.step_now();
  EXPECT_NE(notes(w).find("launches are suspended"), std::string::npos) << notes(w);

  w.options.suspended.clear();
  w.event();
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 4u) << w.causes();
}

TEST(Suspended, TerminationsAreNeitherScaleInNorReplacement) {
  TestWorld w = serving(3);
  w.options.suspended = {"terminate"};
  w.manual(1);
  w.facts.instances[0].healthy = false;
  w.facts.instances[0].unhealthy_since = w.now();
  w.run(2s);
  EXPECT_EQ(w.last.desired, 1u);
  EXPECT_EQ(w.done(Action::Kind::drain), 0u) << w.causes();
  w.step_now();
  EXPECT_NE(notes(w).find("terminations are suspended"), std::string::npos) << notes(w);

  w.options.suspended.clear();
  w.event();
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 1u) << w.causes();
}

TEST(Suspended, WhatIsUnhealthyStaysWhileScaleInGoesOn) {
  TestWorld w = serving(3);
  w.options.suspended = {"replace_unhealthy"};
  for (InstanceFacts& i : w.facts.instances) i.healthy = false, i.unhealthy_since = w.now();
  w.run(2s);
  EXPECT_EQ(w.facts.instances.size(), 3u) << w.causes();
  w.manual(2);
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 2u) << w.causes();
}

TEST(Suspended, PoliciesLeaveTheCapacityToTheUserAndToTheFirstRequest) {
  TestWorld w = serving(1);
  w.options.min = 1;
  w.track("in_flight_per_endpoint", 1);
  w.options.suspended = {"policies"};
  w.extra_waiting = 20;
  w.event();
  w.run(5s);
  EXPECT_EQ(w.last.desired, 1u) << w.causes();
  EXPECT_NE(notes(w).find("what policies wish is suspended"), std::string::npos) << notes(w);
  w.options.suspended.clear();
  w.event();
  w.run(5s);
  EXPECT_GT(w.last.desired, 1u) << w.causes();

  TestWorld resting;
  resting.options.suspended = {"policies"};
  resting.extra_waiting = 1;
  resting.run(1s);
  EXPECT_EQ(resting.last.desired, 1u) << resting.causes();
}

TEST(HealthCheckGrace, IsOfTheFirstTimeInService) {
  TestWorld w = serving(1);
  w.options.health_check_grace = 300s;
  w.run(10s);
  InstanceFacts& one = w.facts.instances[0];
  one.in_service_since = w.now() - 250s;
  one.healthy = false;
  one.unhealthy_since = w.now();
  w.event();
  w.run(45s);
  EXPECT_EQ(w.done(Action::Kind::drain), 0u) << w.causes();
  w.run(10s);
  EXPECT_EQ(w.done(Action::Kind::drain), 1u) << w.causes();
}

}  // namespace
}  // namespace weir::scale
