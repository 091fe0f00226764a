#include "model/request_view.h"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

TEST(RequestView, FindsTheFirstHeaderWithoutCase) {
  const std::array<HeaderView, 3> headers{{{"Host", "a"}, {"x-user", "ann"}, {"X-User", "bob"}}};
  RequestView request;
  request.headers = headers;

  EXPECT_EQ(request.header("X-USER"), "ann");
  EXPECT_EQ(request.header("X-Use"), std::nullopt);
}

TEST(RequestView, FindsCookiesInAllCookieHeaders) {
  const std::array<HeaderView, 3> headers{
      {{"Cookie", "a=1; session=x=y;  b=2"}, {"X", "c=9"}, {"cookie", "c=3;empty=;bare"}}};
  RequestView request;
  request.headers = headers;

  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("session"), "x=y");
  EXPECT_EQ(request.cookie("b"), "2");
  EXPECT_EQ(request.cookie("c"), "3");
  EXPECT_EQ(request.cookie("empty"), "");
  EXPECT_EQ(request.cookie("bare"), std::nullopt);
  EXPECT_EQ(request.cookie("A"), std::nullopt);
}

TEST(EqualIgnoringCase, ComparesAsciiLettersOnly) {
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-type"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
}

}  // namespace
}  // namespace weir
