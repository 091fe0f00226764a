#include "base/rate.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Rate, IsReadWithItsUnit) {
  EXPECT_EQ(*parse_rate("10/s"), (Rate{10, 1s}));
  EXPECT_EQ(*parse_rate("600/m"), (Rate{600, 1min}));
  EXPECT_EQ(*parse_rate("1/h"), (Rate{1, 1h}));
  EXPECT_EQ(*parse_rate("5/100ms"), (Rate{5, 100ms}));
  EXPECT_EQ(*parse_rate("5/1m30s"), (Rate{5, 90s}));
}

TEST(Rate, IsRefusedWithoutOne) {
  for (const char* text : {"", "10", "/s", "10/", "0/s", "-1/s", "1.5/s", "10/0s", "10/x", "10 /s",
                           "10/s/s", "99999999999/s", "ten/s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Rate, IsWrittenAsItIsRead) {
  for (const char* text : {"10/s", "600/m", "1/h", "5/100ms", "5/1m30s", "3/10s", "2/d"}) {
    EXPECT_EQ(to_string(*parse_rate(text)), text);
  }
}

}  // namespace
}  // namespace weir
