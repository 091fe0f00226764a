#include "base/regex.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <regex>
#include <string>

#include "base/random.h"

namespace weir {
namespace {

Regex regex(std::string_view text, bool ignore_case = false) {
  auto made = Regex::compile(text, ignore_case);
  EXPECT_TRUE(made) << text << (made ? "" : made.error().message);
  return *made;
}

bool matches(std::string_view expression, std::string_view text) {
  return regex(expression).matches(text);
}

// whole|group|group|...
std::string find(std::string_view expression, std::string_view text) {
  const Regex made = regex(expression);
  const auto found = made.find(text);
  EXPECT_EQ(found.has_value(), made.matches(text)) << expression << " " << text;
  if (!found) return "none";
  std::string out(found->whole);
  for (std::size_t i = 0; i < made.groups(); ++i) out.append("|").append(found->groups[i]);
  return out;
}

TEST(Regex, FindsCharactersAnywhere) {
  EXPECT_TRUE(matches("b.d", "abcde"));
  EXPECT_FALSE(matches("b.d", "abde"));
  EXPECT_TRUE(matches("^/v[0-9]+/", "/v12/x"));
  EXPECT_FALSE(matches("^/v[0-9]+/", "/a/v12/x"));
  EXPECT_TRUE(matches("png$", "a.png"));
  EXPECT_FALSE(matches("png$", "a.png/x"));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("^$", "x"));
}

TEST(Regex, KnowsClasses) {
  EXPECT_EQ(find("\\d+", "ab123c"), "123");
  EXPECT_EQ(find("[^/]+$", "/a/bc"), "bc");
  EXPECT_EQ(find("[]a-]+", "x-]a"), "-]a");
  EXPECT_EQ(find("\\w+\\s\\W", "ab_1 !"), "ab_1 !");
  EXPECT_EQ(find("a\\.b\\*", "axb a.b*"), "a.b*");
  EXPECT_EQ(find("[\\d.]+", "v1.25x"), "1.25");
}

TEST(Regex, RepeatsGreedilyAndLazily) {
  EXPECT_EQ(find("a.*b", "xaabab"), "aabab");
  EXPECT_EQ(find("a.*?b", "xaabab"), "aab");
  EXPECT_EQ(find("a{2,3}", "aaaa"), "aaa");
  EXPECT_EQ(find("a{2,3}?", "aaaa"), "aa");
  EXPECT_EQ(find("^a{3}$", "aaa"), "aaa");
  EXPECT_EQ(find("^a{3}$", "aaaa"), "none");
  EXPECT_EQ(find("^a{2,}$", "aaaaa"), "aaaaa");
  EXPECT_EQ(find("x?y", "y"), "y");
}

TEST(Regex, TellsWhatItsGroupsTook) {
  EXPECT_EQ(find("^/([^/]+)/(.*)$", "/m7/chat/x"), "/m7/chat/x|m7|chat/x");
  EXPECT_EQ(find("(a|ab)(c|bcd)", "abcd"), "abcd|a|bcd");
  EXPECT_EQ(find("(?:x|y)(z)", "yz"), "yz|z");
  EXPECT_EQ(find("(a)|(b)", "b"), "b||b");
  EXPECT_EQ(find("(a*)*", "aa").substr(0, 2), "aa");
}

TEST(Regex, PrefersTheFirstPlaceThenTheFirstChoice) {
  EXPECT_EQ(find("ab|abc", "xabc"), "ab");
  EXPECT_EQ(find("abc|ab", "xabc"), "abc");
  EXPECT_EQ(find("b|ab", "ab"), "ab");
}

TEST(Regex, IgnoresCaseWhereAsked) {
  EXPECT_TRUE(regex("^Api[a-f]", true).matches("aPIC"));
  EXPECT_FALSE(regex("^Api[a-f]").matches("aPIC"));
}

TEST(Regex, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto made = Regex::compile(text, false);
    return made ? "good" : made.error().message;
  };
  EXPECT_EQ(error("a("), "has a '(' without its ')'");
  EXPECT_EQ(error("a)"), "has a ')' without its '('");
  EXPECT_EQ(error("[a"), "has a '[' without its ']'");
  EXPECT_EQ(error("*a"), "has a '*' with nothing before it to repeat");
  EXPECT_EQ(error("a\\"), "ends with a '\\'");
  EXPECT_EQ(error("(a)\\1"), "has a '\\1', which is not known");
  EXPECT_EQ(error("(?=a)"),
            "has a '(?' that is not '(?:': neither look-around nor flags are built");
  EXPECT_EQ(error("[z-a]"), "has a range in brackets that runs backwards");
  EXPECT_NE(error("a{5,2}"), "good");
  EXPECT_NE(error("a{1000}"), "good");
  EXPECT_NE(error("((a{100}){100}){100}"), "good");
  EXPECT_NE(error("a**"), "good");
  EXPECT_NE(error(std::string(129, 'a')), "good");
  EXPECT_NE(error(std::string(60, '(') + std::string(60, ')')), "good");
}

// Of this thread's own time, the least of three: what backtracking takes grows at least with the
// square.
double cost(std::size_t length) {
  const std::string text(length, 'a');
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const std::clock_t began = std::clock();
    EXPECT_FALSE(matches("^(a+)+$", text + "b"));
    EXPECT_FALSE(matches("(a|a)*(a|a)*(a|a)*b", text));
    EXPECT_FALSE(matches("(a?){50}a{50}b", text));
    least = std::min(least, static_cast<double>(std::clock() - began));
  }
  return least;
}

TEST(Regex, TakesTimeInProportionWhateverTheText) { EXPECT_LT(cost(20'000), 40 * cost(2'000)); }

// The standard library's, which goes the same way by backtracking.
TEST(Regex, AgreesWithAnotherEngine) {
  Random random(11);
  const std::string letters = "ab.()|*+?^$";
  int compared = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string expression;
    const auto length = 1 + random.below(8);
    for (std::uint64_t i = 0; i < length; ++i) expression += letters[random.below(letters.size())];
    const auto mine = Regex::compile(expression, false);
    if (!mine) continue;
    std::regex other;
    try {
      other.assign(expression, std::regex::ECMAScript);
    } catch (const std::regex_error&) {
      continue;  // such as ^*
    }
    for (int t = 0; t < 5; ++t) {
      std::string text;
      const auto size = random.below(6);
      for (std::uint64_t i = 0; i < size; ++i) text += "abc"[random.below(3)];
      std::smatch match;
      const bool want = std::regex_search(text, match, other);
      const auto found = mine->find(text);
      ASSERT_EQ(found.has_value(), want) << expression << " in '" << text << "'";
      ++compared;
      if (!want) continue;
      ASSERT_EQ(std::string(found->whole), match[0].str()) << expression << " in " << text;
    }
  }
  EXPECT_GT(compared, 10'000);
}

}  // namespace
}  // namespace weir
