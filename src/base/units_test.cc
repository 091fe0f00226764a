#include "base/units.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir {
namespace {

TEST(ParseDuration, ReadsEachUnit) {
  EXPECT_EQ(*parse_duration("7ns"), Duration(7));
  EXPECT_EQ(*parse_duration("7us"), Duration(7us));
  EXPECT_EQ(*parse_duration("7ms"), Duration(7ms));
  EXPECT_EQ(*parse_duration("7s"), Duration(7s));
  EXPECT_EQ(*parse_duration("7m"), Duration(7min));
  EXPECT_EQ(*parse_duration("7h"), Duration(7h));
  EXPECT_EQ(*parse_duration("7d"), Duration(7 * 24h));
}

TEST(ParseDuration, AddsPartsInFallingOrder) {
  EXPECT_EQ(*parse_duration("1h30m"), Duration(90min));
  EXPECT_EQ(*parse_duration("1d2h3m4s5ms6us7ns"),
            Duration(26h + 3min + 4s + 5ms + 6us) + Duration(7));
}

TEST(ParseDuration, TakesZeroWithoutAUnit) {
  EXPECT_EQ(*parse_duration("0"), Duration(0));
  EXPECT_EQ(*parse_duration("0s"), Duration(0));
}

TEST(ParseDuration, TakesAFractionThatIsExact) {
  EXPECT_EQ(*parse_duration("1.5s"), Duration(1500ms));
  EXPECT_EQ(*parse_duration("0.000000001s"), Duration(1));
  EXPECT_FALSE(parse_duration("0.5ns"));
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* bad :
       {"",     "s",   "5",   "-5s",    "+5s",  "5 s",  "5s ", " 5s", "5sec",   "5S",       "1m1h",
        "1s1s", ".5s", "5.s", "1.2.3s", "1e3s", "0x5s", "5s3", "00",  "5s,3ms", "\xc2\xb5s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(ParseDuration, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(parse_duration("106751d"));
  EXPECT_FALSE(parse_duration("106752d"));
  EXPECT_FALSE(parse_duration("106751d24h"));
  EXPECT_TRUE(parse_duration("9223372036854775807ns"));
  EXPECT_FALSE(parse_duration("9223372036854775808ns"));
  EXPECT_FALSE(parse_duration("99999999999999999999d"));
  EXPECT_FALSE(parse_duration("999999999999999999999999999999999999999999d"));
}

TEST(ParseDuration, SaysHowToWriteIt) {
  EXPECT_EQ(parse_duration("30").error().message,
            "'30' has no unit (write it like 250ms, 30s or 1h30m)");
}

TEST(FormatDuration, GivesTheShortestExactForm) {
  EXPECT_EQ(to_string(Duration(90s)), "1m30s");
  EXPECT_EQ(to_string(Duration(250ms)), "250ms");
  EXPECT_EQ(to_string(Duration(0)), "0s");
  EXPECT_EQ(to_string(Duration(-1500ms)), "-1s500ms");
  EXPECT_EQ(to_string(Duration(24h)), "1d");
}

TEST(FormatDuration, ParsesBackToTheSame) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const Duration d(static_cast<std::int64_t>(random() >> (1 + random.below(60))));
    EXPECT_EQ(*parse_duration(to_string(d)), d) << to_string(d);
  }
}

TEST(ParseBytes, ReadsEachUnit) {
  EXPECT_EQ(parse_bytes("3B")->value, 3u);
  EXPECT_EQ(parse_bytes("3KB")->value, 3'000u);
  EXPECT_EQ(parse_bytes("3MB")->value, 3'000'000u);
  EXPECT_EQ(parse_bytes("3GB")->value, 3'000'000'000u);
  EXPECT_EQ(parse_bytes("3TB")->value, 3'000'000'000'000u);
  EXPECT_EQ(parse_bytes("3KiB")->value, 3u << 10);
  EXPECT_EQ(parse_bytes("3MiB")->value, 3u << 20);
  EXPECT_EQ(parse_bytes("3GiB")->value, 3ull << 30);
  EXPECT_EQ(parse_bytes("3TiB")->value, 3ull << 40);
  EXPECT_EQ(parse_bytes("0")->value, 0u);
  EXPECT_EQ(parse_bytes("1.5GiB")->value, 3ull << 29);
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const char* bad : {"", "B", "5", "-5B", "5 MiB", "5mib", "5M", "5MiB3KiB", "1.3KiB", "5kb",
                          "9000000TiB", "99999999999999999999TiB", ".5B", "5."}) {
    EXPECT_FALSE(parse_bytes(bad)) << bad;
  }
}

TEST(FormatBytes, GivesTheShortestExactForm) {
  EXPECT_EQ(to_string(Bytes{64 * 1024}), "64KiB");
  EXPECT_EQ(to_string(Bytes{1'000'000'000}), "1GB");
  EXPECT_EQ(to_string(Bytes{1023}), "1023B");
  EXPECT_EQ(to_string(Bytes{0}), "0B");
}

TEST(FormatBytes, ParsesBackToTheSame) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    const Bytes b{(random() >> (1 + random.below(60))) << random.below(20) >> 1};
    if (b.value > INT64_MAX) continue;
    EXPECT_EQ(*parse_bytes(to_string(b)), b) << to_string(b);
  }
}

TEST(FormatWallTime, IsRfc3339InUtcWithMilliseconds) {
  EXPECT_EQ(to_string(WallTime(Duration(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_string(WallTime(Duration(1'795'242'300'123'456'789))), "2026-11-21T06:25:00.123Z");
  EXPECT_EQ(to_string(WallTime(Duration(-1ms))), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace weir
