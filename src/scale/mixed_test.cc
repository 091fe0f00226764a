// The engine with several kinds of instances, with notices of their end, and giving way.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

InstanceTemplate of(std::string name, double price, bool spot, std::uint32_t weight = 1) {
  InstanceTemplate one;
  one.name = std::move(name);
  one.price = price;
  one.spot = spot;
  one.weight = weight;
  return one;
}

// One on demand, the rest half and half.
TestWorld mixed() {
  TestWorld w;
  w.options.max = 20;
  w.options.mix.emplace();
  w.options.mix->on_demand_base = 1;
  w.options.mix->on_demand_percentage = 50;
  w.options.mix->templates = {of("steady", 4, false), of("spot", 1, true)};
  return w;
}

std::size_t living(const TestWorld& w, const std::string& name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(w.facts.instances, [&](const InstanceFacts& i) {
        return i.launch_template == name && i.state != Lifecycle::terminating && !i.ends_at;
      }));
}

TEST(Mixed, LaunchesTheTemplatesOfTheMix) {
  TestWorld w = mixed();
  w.options.min = 5;

  w.run(10s);

  EXPECT_EQ(living(w, "steady"), 3u);
  EXPECT_EQ(living(w, "spot"), 2u);
  EXPECT_EQ(w.activities[0].description, "Launching 3 steady instances");
}

TEST(Mixed, AddsToWhatRanBeforeThereWasAMix) {
  TestWorld w;
  w.options.max = 20;
  w.options.min = 3;
  w.run(10s);
  w.options.mix = mixed().options.mix;
  w.options.min = 5;
  w.event();

  w.run(10s);

  EXPECT_EQ(w.facts.instances.size(), 5u);
  EXPECT_EQ(living(w, "steady"), 2u) << "the base, and half of what is above it, rounded up";
  EXPECT_EQ(living(w, ""), 3u);
}

TEST(Mixed, CountsDesiredInUnitsOfWeight) {
  TestWorld w = mixed();
  w.options.mix->templates = {of("large", 4, false, 4)};
  w.options.min = 6;

  w.run(10s);

  EXPECT_EQ(w.facts.instances.size(), 2u);
  EXPECT_EQ(w.last.desired, 6u);
  EXPECT_EQ(w.done(Action::Kind::drain), 0u) << "two units more than desired are no instance";
}

TEST(Mixed, ScalesInWithoutGoingBelowDesired) {
  TestWorld w = mixed();
  w.options.mix->templates = {of("large", 4, false, 4), of("small", 1, false)};
  w.options.min = 8;
  w.run(120s);
  w.options.min = 0;
  w.options.idle_timeout = 24h;

  w.manual(5);
  w.run(1s);
  EXPECT_EQ(living(w, "large"), 2u) << "one less would leave 4 of 5";
  w.manual(4);
  w.run(1s);
  EXPECT_EQ(living(w, "large"), 1u);
}

TEST(Mixed, TakesAwayFromTheSideThatHasTooMany) {
  TestWorld w = mixed();
  w.options.min = 9;  // 5 and 4
  w.run(120s);
  w.options.min = 0;
  w.options.idle_timeout = 24h;

  w.manual(5);  // 3 and 2
  w.run(5s);

  EXPECT_EQ(living(w, "steady"), 3u);
  EXPECT_EQ(living(w, "spot"), 2u);
  EXPECT_NE(w.causes().find("its side of the mix has too many, as"), std::string::npos);
}

TEST(Mixed, TakesTheDearestWhereTheAllocationStrategyDecides) {
  TestWorld w = mixed();
  w.options.mix->strategy = "lowest_price";
  w.options.mix->on_demand_percentage = 100;
  w.options.mix->templates = {of("cheap", 1, false), of("dear", 3, false)};
  w.options.termination_policies = {"allocation_strategy"};
  w.options.min = 2;
  w.run(120s);
  w.facts.instances[1].launch_template = "dear";
  w.options.min = 0;
  w.options.idle_timeout = 24h;

  w.manual(1);
  w.run(5s);

  EXPECT_EQ(living(w, "cheap"), 1u);
  EXPECT_EQ(living(w, "dear"), 0u);
}

// A notice of `time` for the first instance.
void notice(TestWorld& w, Duration time) {
  w.facts.instances[0].noticed_at = w.now();
  w.facts.instances[0].ends_at = w.now() + time;
  w.event();
}

TEST(Interruption, IsAnsweredByAReplacementAtOnceAndADrain) {
  TestWorld w = serving(2);
  notice(w, 120s);

  w.step_now();

  EXPECT_EQ(w.done(Action::Kind::launch), 1u);
  EXPECT_EQ(w.done(Action::Kind::drain), 1u);
  EXPECT_EQ(w.facts.instances[0].cause, Cause::interrupted);
  EXPECT_EQ(w.last.desired, 2u);
  EXPECT_EQ(w.activities[0].description, "Replacing instance i-1");
}

TEST(Interruption, OfTheOnlyOneWaitsForItsReplacement) {
  TestWorld w = serving(1);
  w.options.min = 1;
  w.start_time = 10s;
  notice(w, 120s);

  w.run(9s);
  EXPECT_EQ(w.facts.instances[0].state, Lifecycle::in_service);
  EXPECT_EQ(w.facts.instances.size(), 2u);
  w.run(2s);

  ASSERT_EQ(w.facts.instances.size(), 1u) << "nothing was in flight on it";
  EXPECT_EQ(w.facts.instances[0].id, "i-2");
}

TEST(Interruption, OfTheOnlyOneTakesNothingNewAfterHalfItsTime) {
  TestWorld w = serving(1);
  w.options.min = 1;
  w.start_time = 300s;
  w.pinned = "i-1";
  notice(w, 120s);

  w.run(59s);
  EXPECT_EQ(w.facts.instances[0].state, Lifecycle::in_service);
  w.run(2s);
  EXPECT_EQ(w.facts.instances[0].state, Lifecycle::terminating);
}

TEST(Interruption, StopsAStreamInTimeForTheGrace) {
  TestWorld w = serving(2);
  w.options.launch.stop_grace = 30s;
  w.pinned = "i-1";
  notice(w, 120s);

  w.run(89s);
  EXPECT_EQ(w.done(Action::Kind::stop), 0u);
  w.run(2s);
  EXPECT_EQ(w.done(Action::Kind::stop), 1u);
}

TEST(Interruption, LeavesHalfOfAShortTimeToTheStreams) {
  TestWorld w = serving(2);
  w.options.launch.stop_grace = 30s;
  w.pinned = "i-1";
  notice(w, 20s);

  w.run(9s);
  EXPECT_EQ(w.done(Action::Kind::stop), 0u);
  w.run(2s);
  EXPECT_EQ(w.done(Action::Kind::stop), 1u);
}

TEST(Interruption, IsATroubleOfItsTemplate) {
  TestWorld w = mixed();
  w.options.min = 3;
  w.run(30s);
  w.facts.instances[2].noticed_at = w.now();
  w.facts.instances[2].ends_at = w.now() + 60s;
  w.step_now();
  EXPECT_EQ(w.memory.troubles.count("spot", w.now()), 1u);
  EXPECT_EQ(w.memory.troubles.count("steady", w.now()), 0u);
}

TEST(GivingWay, DrainsTheInstanceAndWantsOneLess) {
  TestWorld w = serving(1);
  w.facts.yields = {{"ocr", "i-1", "2 requests of group b wait for its device"}};

  w.step_now();

  EXPECT_EQ(w.last.desired, 0u);
  EXPECT_EQ(w.done(Action::Kind::drain), 1u);
  EXPECT_EQ(w.activities[0].cause.substr(24),
            "2 requests of group b wait for its device, decreasing the desired capacity from 1 to "
            "0.");
}

TEST(GivingWay, IsOffWhereARequestHasComeMeanwhile) {
  TestWorld w = serving(1);
  w.pinned = "i-1";
  w.facts.yields = {{"ocr", "i-1", "somebody waits"}};
  w.step_now();
  EXPECT_EQ(w.last.desired, 1u);
  EXPECT_EQ(w.done(Action::Kind::drain), 0u);
}

TEST(GivingWay, BelowTheMinimumIsMadeGoodAtOnce) {
  TestWorld w = serving(1);
  w.options.min = 1;
  w.facts.yields = {{"ocr", "i-1", "somebody waits"}};
  w.cannot_start = "no free device";
  w.step_now();
  EXPECT_EQ(w.last.desired, 1u);
  EXPECT_EQ(w.done(Action::Kind::drain), 1u);
  EXPECT_EQ(w.done(Action::Kind::launch), 1u);
}

// A policy that wishes what it is told.
class Wisher final : public Policy {
 public:
  std::string_view kind() const override { return "wisher"; }
  Decision decide(const GroupFacts&, const Series&, Time) const override { return decision; }
  Decision decision;
};

TEST(Pacing, HoldsBackWhatThePoliciesWish) {
  TestWorld w;
  w.options.max = 100;
  w.options.min = 1;
  w.options.scale_out.limits = {{4u, {}, 60s}};
  auto wisher = std::make_unique<Wisher>();
  Wisher& policy = *wisher;
  w.policies.push_back(std::move(wisher));
  w.run(5s);
  policy.decision = {20u, "much was seen", true, false, {}};

  w.run(2s);
  EXPECT_EQ(w.last.desired, 5u);
  EXPECT_EQ(w.last.notes.back(), "20 instances are wished, and scaling out allows 5: 4 in 1m");
  w.run(60s);
  EXPECT_EQ(w.last.desired, 9u);
  w.manual(30);
  w.run(1s);
  EXPECT_EQ(w.last.desired, 30u) << "a user is not held back";
}

TEST(Pacing, ReportsAnOscillationOnceAsAnActivity) {
  TestWorld w;
  w.options.max = 100;
  w.options.min = 2;
  auto wisher = std::make_unique<Wisher>();
  Wisher& policy = *wisher;
  w.policies.push_back(std::move(wisher));
  w.run(5s);
  for (int n = 0; n < 10; ++n) {
    policy.decision = {n % 2 ? 2u : 6u, "it was seen", true, false, {}};
    w.run(30s);
  }

  EXPECT_GE(w.last.reversals, Oscillation::kReversals);
  EXPECT_EQ(std::ranges::count(w.activities, "The desired capacity of group ocr oscillates",
                               &Activity::description),
            1);
  EXPECT_TRUE(std::ranges::any_of(w.last.notes, [](const std::string& note) {
    return note.starts_with("the desired capacity oscillates: it turned ");
  }));
}

}  // namespace
}  // namespace weir::scale
