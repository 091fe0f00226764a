#include "api/native/router.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::api {
namespace {

TEST(Router, FindsTheOperationOfAPath) {
  const Found found = find_route("GET", "/api/v1/status");

  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->operation, &status);
  EXPECT_EQ(found.route->need, Need::reading);
}

TEST(Router, TakesTheNameOutOfThePath) {
  const Found found = find_route("POST", "/api/v1/scaling_groups/ocr%2Dlarge/scale");

  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.name, "ocr-large");
}

TEST(Router, TakesHeadForGet) {
  EXPECT_NE(find_route("HEAD", "/metrics").route, nullptr);
  EXPECT_EQ(find_route("HEAD", "/api/v1/stop").route, nullptr);
}

TEST(Router, NamesTheMethodsOfAPathThatHasOthers) {
  const Found get = find_route("GET", "/api/v1/scaling_groups/ocr/scale");
  EXPECT_EQ(get.route, nullptr);
  EXPECT_EQ(get.allow, "POST");
  EXPECT_EQ(find_route("DELETE", "/api/v1/status").allow, "GET, HEAD");
}

TEST(Router, FindsNothingElsewhere) {
  for (const char* path : {"", "*", "/nothing", "/api/v1", "/api/v1/", "/api/v1/status/", "//",
                           "/api/v1/status/x", "/api/v1/scaling_groups//scale",
                           "/api/v1/scaling_groups/a/b/scale", "/api/v1/statu", "/metrics//"}) {
    const Found found = find_route("GET", path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_EQ(found.allow, "") << path;
  }
}

TEST(Router, LetsOnlyGetReadAndOnlyPostChange) {
  std::set<std::pair<std::string_view, std::string_view>> paths;
  for (const Route& route : routes()) {
    EXPECT_EQ(route.method == "POST", route.need == Need::change) << route.path;
    EXPECT_TRUE(paths.insert({route.method, route.path}).second) << route.path;
  }
}

TEST(Router, DecodesEscapesAndLeavesTheRest) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%2fd"), "a b/c/d");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz"), "%zz");
}

TEST(Router, ReadsTheQuery) {
  EXPECT_EQ(query_value("lines=20&follow", "lines"), "20");
  EXPECT_EQ(query_value("lines=20&follow", "follow"), "");
  EXPECT_EQ(query_value("group=a%20b", "group"), "a b");
  EXPECT_EQ(query_value("xlines=20", "lines"), std::nullopt);
  EXPECT_EQ(query_value("", "lines"), std::nullopt);
}

}  // namespace
}  // namespace weir::api
