#include "base/wall_time.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace weir {
namespace {

std::string read(std::string_view text) {
  const auto time = parse_wall_time(text);
  return time ? to_string(*time) : "";
}

TEST(WallTime, IsReadAsRfc3339HasIt) {
  EXPECT_EQ(read("2026-12-24T08:00:00Z"), "2026-12-24T08:00:00.000Z");
  EXPECT_EQ(read("2026-12-24T08:00:00.123456789Z"), "2026-12-24T08:00:00.123Z");
  EXPECT_EQ(read("2026-12-24t08:00z"), "2026-12-24T08:00:00.000Z");
  EXPECT_EQ(read("2026-12-24 08:00:00+01:00"), "2026-12-24T07:00:00.000Z");
  EXPECT_EQ(read("2026-12-31T22:30:00-03:30"), "2027-01-01T02:00:00.000Z");
  EXPECT_EQ(read("2028-02-29T00:00:00Z"), "2028-02-29T00:00:00.000Z");
  EXPECT_EQ(read("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000Z");
}

TEST(WallTime, IsRefusedWhereItIsNone) {
  for (const char* text :
       {"", "yesterday", "2026-12-24", "2026-12-24T08:00:00", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-12-32T00:00:00Z", "2026-12-24T24:00:00Z",
        "2026-12-24T08:60:00Z", "2026-12-24T08:00:60Z", "2026-12-24T08:00:00.Z",
        "2026-12-24T08:00:00.1234567890Z", "2026-12-24T08:00:00Zx", "2026-12-24T08:00:00+0100",
        "26-12-24T08:00:00Z", "2026-12-24T 8:00:00Z", "1969-12-31T23:59:59Z"}) {
    EXPECT_EQ(read(text), "") << text;
  }
}

}  // namespace
}  // namespace weir
