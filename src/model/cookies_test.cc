#include "model/cookies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

std::vector<std::string> read(std::string_view header) {
  std::vector<std::string> out;
  while (const auto cookie = next_cookie(header)) {
    out.push_back(std::string(cookie->name) + "|" + std::string(cookie->value));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Cookies, AreReadInTheirOrder) {
  EXPECT_EQ(read("a=1; b=2;c=3"), (Texts{"a|1", "b|2", "c|3"}));
  EXPECT_EQ(read("a=1; a=2"), (Texts{"a|1", "a|2"}));
}

TEST(Cookies, KeepWhatStandsInTheValue) {
  EXPECT_EQ(read("t=a=b=="), (Texts{"t|a=b=="}));
  EXPECT_EQ(read("q=\"x y\""), (Texts{"q|\"x y\""}));
  EXPECT_EQ(read("e="), (Texts{"e|"}));
}

TEST(Cookies, LoseWhiteSpaceAroundThem) {
  EXPECT_EQ(read("  a = 1 \t;\tb=2  "), (Texts{"a|1", "b|2"}));
}

TEST(Cookies, PassOverWhatIsNone) {
  EXPECT_EQ(read(""), Texts{});
  EXPECT_EQ(read(";;; ;"), Texts{});
  EXPECT_EQ(read("flag; =x; a=1"), (Texts{"a|1"}));
}

TEST(Cookies, NameWhatASetCookieSets) {
  EXPECT_EQ(set_cookie_name("SID=31d4; Path=/"), "SID");
  EXPECT_EQ(set_cookie_name(" SID = x"), "SID");
  EXPECT_EQ(set_cookie_name("no equals; a=b"), "");
  EXPECT_EQ(set_cookie_name(""), "");
}

TEST(Cookies, AreWrittenForTheWholeSite) {
  EXPECT_EQ(write_set_cookie("A", "v", 90s, CrossSite::no), "A=v; Max-Age=90; Path=/; HttpOnly");
  EXPECT_EQ(write_set_cookie("A", "v", 24h, CrossSite::yes),
            "A=v; Max-Age=86400; Path=/; HttpOnly; SameSite=None; Secure");
}

}  // namespace
}  // namespace weir
