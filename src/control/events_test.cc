#include "control/events.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::control {
namespace {

Event event(std::string group) {
  Event made;
  made.group = std::move(group);
  return made;
}

TEST(Events, GiveIdsThatRiseByOneAndTheTime) {
  ManualClock clock;
  Events events(clock);

  events.publish(event("a"));
  clock.advance(5s);
  events.publish(event("b"));

  const auto all = events.since(0);
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].group, "a");
  EXPECT_EQ(all[1].id, all[0].id + 1);
  EXPECT_EQ(all[1].time - all[0].time, 5s);
  EXPECT_EQ(events.last(), all[1].id);
}

TEST(Events, OfALaterStartHaveHigherIds) {
  ManualClock clock;
  Events before(clock);
  for (int i = 0; i < 10; ++i) before.publish(event("a"));
  clock.advance(1s);

  const Events after(clock);

  EXPECT_GT(after.last(), before.last());
}

TEST(Events, AreKeptUpToTheirNumber) {
  ManualClock clock;
  Events events(clock);
  const std::uint64_t start = events.last();

  for (std::size_t i = 0; i < Events::kKept + 5; ++i) events.publish(event("a"));

  const auto all = events.since(0);
  EXPECT_EQ(all.size(), Events::kKept);
  EXPECT_EQ(all.front().id, start + 6);
}

TEST(Events, SinceGivesTheOldestOfThoseThatAreNew) {
  ManualClock clock;
  Events events(clock);
  for (const char* name : {"a", "b", "c", "d"}) events.publish(event(name));

  const auto next = events.since(events.last() - 3, 2);

  ASSERT_EQ(next.size(), 2);
  EXPECT_EQ(next[0].group, "b");
  EXPECT_EQ(next[1].group, "c");
  EXPECT_TRUE(events.since(events.last()).empty());
}

TEST(Events, CallAListenerForAsLongAsItLives) {
  ManualClock clock;
  Events events(clock);
  std::string heard;
  {
    const Events::Listener listener(events, [&](const Event& one) { heard += one.group; });
    events.publish(event("a"));
    events.publish(event("b"));
  }
  events.publish(event("c"));

  EXPECT_EQ(heard, "ab");
}

}  // namespace
}  // namespace weir::control
