#include "scale/notice.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace weir::scale {
namespace {

// The user guide's example.
TEST(Notice, IsTheTimeOfAnInstanceAction) {
  const auto at = parse_notice(R"({"action": "terminate", "time": "2017-09-18T08:22:00Z"})");
  ASSERT_TRUE(at);
  EXPECT_EQ(to_string(*at).substr(0, 19), "2017-09-18T08:22:00");
  EXPECT_TRUE(parse_notice(R"({"action": "stop", "time": "2017-09-18T08:22:00Z", "x": 1})"));
}

TEST(Notice, IsNothingElse) {
  for (const char* bad :
       {"", "[]", "404", "{", R"({"action": "terminate"})", R"({"time": "2017-09-18T08:22:00Z"})",
        R"({"action": "terminate", "time": 5})", R"({"action": {}, "time": []})",
        R"({"action": "terminate", "time": "2017-09-18"})"}) {
    EXPECT_FALSE(parse_notice(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir::scale
