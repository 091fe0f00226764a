#include "series/library.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::series {
namespace {

Time at(int second) { return Time(std::chrono::seconds(100'000 + second)); }
WallTime minute(int n) { return WallTime(std::chrono::minutes(n)); }

TEST(Track, KnowsEachSecondThatHadASample) {
  Track track(kLong);
  track.add(at(0), 5);
  track.add(at(2) + 900ms, 7);

  EXPECT_EQ(track.at(at(0))->mean(), 5);
  EXPECT_FALSE(track.at(at(1)));
  EXPECT_EQ(track.at(at(2))->mean(), 7);
  EXPECT_FALSE(track.at(at(3)));
  EXPECT_FALSE(track.at(at(-1)));
}

TEST(Track, AddsUpTheSamplesOfASecond) {
  Track track(kLong);
  track.add(at(0), 5);
  track.add(at(1), 1);
  track.add(at(1), 2);
  track.add(at(1), 6);

  EXPECT_EQ(track.at(at(1))->sum, 9);
  EXPECT_EQ(track.at(at(1))->count, 3);
  EXPECT_EQ(track.at(at(0))->count, 1);
}

TEST(Track, TakesLateSamplesWhileTheyAreKept) {
  Track track({10, 0});
  track.add(at(100), 1);
  track.add(at(95), 2);
  track.add(at(90), 3);  // ten seconds before the newest: not kept

  EXPECT_EQ(track.at(at(95))->mean(), 2);
  EXPECT_FALSE(track.at(at(90)));
  EXPECT_FALSE(track.at(at(96)));
}

TEST(Track, ForgetsWhatIsOlderThanItsSpan) {
  Track track({10, 0});
  for (int s = 0; s < 100; ++s) track.add(at(s), s);
  EXPECT_FALSE(track.at(at(89)));
  EXPECT_EQ(track.at(at(90))->mean(), 90);

  track.add(at(1000), 1);

  EXPECT_FALSE(track.at(at(990)));
  EXPECT_FALSE(track.at(at(991)));
}

TEST(Track, KeepsNoNumberThatIsNone) {
  Track track(kLong);
  track.add(at(0), NAN);
  track.add(at(0), INFINITY);
  track.add(at(0), 1e300);  // none as a float

  EXPECT_FALSE(track.last());
}

TEST(Track, CostsWhatItsHeaderSays) {
  EXPECT_NEAR(static_cast<double>(Track(kLong).bytes()), 42 * 1024, 1024);
  EXPECT_NEAR(static_cast<double>(Track(kBrief).bytes()), 3 * 1024, 512);
}

TEST(Library, ClosesMinutesOfTheLongAndKeepsThoseOfTheBrief) {
  Library library;
  for (int s = 0; s < 60; ++s) {
    library.add("long", kLong, at(s), s);
    library.add("brief", kBrief, at(s), 2 * s);
  }

  const auto means = library.close_minute(at(60), minute(7));

  ASSERT_EQ(means.size(), 1);
  EXPECT_EQ(means[0].name, "long");
  EXPECT_EQ(means[0].mean, 29.5);
  EXPECT_EQ(library.find("brief")->minute(minute(7)), 59);
  EXPECT_FALSE(library.find("brief")->minute(minute(6)));
}

TEST(Library, ForgetsWhatIsSilentForAsLongAsItIsKept) {
  Library library;
  library.add("brief", kBrief, at(0), 1);
  library.add("long", kLong, at(0), 1);

  library.close_minute(at(3 * 3600), minute(180));
  EXPECT_EQ(library.size(), 2);
  library.close_minute(at(3 * 3600 + 1), minute(181));

  EXPECT_EQ(library.size(), 0);
  EXPECT_EQ(library.bytes(), 0);
}

TEST(Library, StaysWithinItsMemory) {
  Library library(100 * 1024);

  EXPECT_TRUE(library.add("a", kLong, at(0), 1));
  EXPECT_TRUE(library.add("b", kLong, at(0), 1));
  EXPECT_FALSE(library.add("c", kLong, at(0), 1));
  EXPECT_TRUE(library.add("a", kLong, at(1), 1));

  EXPECT_LE(library.bytes(), 100 * 1024);
  EXPECT_EQ(library.refused(), 1);
  EXPECT_EQ(library.find("c"), nullptr);
}

TEST(Library, ListsNamesByTheirBegin) {
  Library library;
  for (const char* name : {"custom.a", "custom.b", "in_flight{zone=a}"}) {
    library.add(name, kLong, at(0), 1);
  }

  EXPECT_EQ(library.names("custom."), (std::vector<std::string>{"custom.a", "custom.b"}));
  EXPECT_EQ(library.names().size(), 3);
}

}  // namespace
}  // namespace weir::series
