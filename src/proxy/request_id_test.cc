#include "proxy/request_id.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace weir::proxy {
namespace {

TEST(RequestIds, HaveTheFormOfATraceParent) {
  Random random(7);
  const RequestIds ids(random);

  EXPECT_TRUE(std::regex_match(std::string(ids.traceparent()),
                               std::regex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")));
}

TEST(RequestIds, ShareTheTraceId) {
  Random random(7);
  const RequestIds ids(random);

  EXPECT_EQ(ids.request_id(), ids.traceparent().substr(3, 32));
}

TEST(RequestIds, DifferFromEachOther) {
  Random random(7);
  std::set<std::string> seen;

  for (int i = 0; i < 1000; ++i) seen.emplace(RequestIds(random).request_id());

  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace weir::proxy
