#include "judge/hung.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

TEST(Hung, LearnsItsBoundFromTheSlowestFirstByte) {
  Outlier options;
  EXPECT_EQ(hung_after(options, 20.0, 20), 60s);
  EXPECT_EQ(hung_after(options, 0.2, 20), 30s);  // no shorter silence counts
}

TEST(Hung, KnowsNothingBeforeItHasSeenEnough) {
  Outlier options;
  EXPECT_EQ(hung_after(options, 8.0, 19), 0s);
  EXPECT_EQ(hung_after(options, 0.0, 1000), 0s);
  options.hung.enabled = false;
  EXPECT_EQ(hung_after(options, 8.0, 20), 0s);
}

TEST(Hung, ForgetsTheSlowestSlowly) {
  EXPECT_NEAR(faded(10, 0s), 10, 1e-9);
  EXPECT_NEAR(faded(10, 10min), 3.679, 0.001);
}

TEST(Hung, IsWhoGivesNoByteToAnybodyForThatLong) {
  ManualClock clock;
  clock.advance(1h);
  Load load;
  const Time sent = clock.now();

  clock.advance(9s);
  EXPECT_FALSE(hung(load, 10s, sent, clock.now()));
  note_byte(load, clock.now());  // of another stream: it is alive
  clock.advance(9s);
  EXPECT_FALSE(hung(load, 10s, sent, clock.now()));
  clock.advance(1s);
  EXPECT_TRUE(hung(load, 10s, sent, clock.now()));
  EXPECT_FALSE(hung(load, 10s, clock.now() - 1s, clock.now()));  // a request sent just now
  EXPECT_FALSE(hung(load, 0s, sent, clock.now()));               // nothing learned yet
}

TEST(Hung, NotesFirstBytes) {
  ManualClock clock;
  clock.advance(1h);
  Load load;
  GroupLoad group;

  note_first_byte(load, group, 2s, clock.now());
  note_first_byte(load, group, 1s, clock.now());

  EXPECT_NEAR(load.first_byte, 1.9, 1e-9);
  EXPECT_EQ(group.slowest, 2.0);
  EXPECT_EQ(load.last_byte, ns(clock.now()));
}

}  // namespace
}  // namespace weir::judge
