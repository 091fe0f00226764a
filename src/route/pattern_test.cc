#include "route/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace weir::route {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  return Pattern(pattern).matches(text);
}

TEST(Pattern, WithoutWildcardsIsTheTextItself) {
  EXPECT_TRUE(matches("/ocr", "/ocr"));
  EXPECT_FALSE(matches("/ocr", "/ocr/"));
  EXPECT_FALSE(matches("/ocr", "/oc"));
  EXPECT_FALSE(matches("/ocr", "/OCR"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "/"));
}

TEST(Pattern, TakesAnyCharactersForAStar) {
  EXPECT_TRUE(matches("/ocr/*", "/ocr/"));
  EXPECT_TRUE(matches("/ocr/*", "/ocr/a/b"));
  EXPECT_FALSE(matches("/ocr/*", "/ocr"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("**", "x"));
  EXPECT_TRUE(matches("*.png", "/a.png.png"));
  EXPECT_TRUE(matches("/a*b*c", "/abbbc"));
  EXPECT_FALSE(matches("/a*b*c", "/acb"));
}

TEST(Pattern, TakesOneCharacterForAQuestionMark) {
  EXPECT_TRUE(matches("/v?/x", "/v1/x"));
  EXPECT_FALSE(matches("/v?/x", "/v/x"));
  EXPECT_FALSE(matches("/v?/x", "/v10/x"));
  EXPECT_TRUE(matches("?*", "a"));
  EXPECT_FALSE(matches("?*", ""));
}

TEST(Pattern, IgnoresCaseWhereToldSo) {
  EXPECT_TRUE(Pattern("*.Example.com", Case::ignored).matches("API.eXample.COM"));
  EXPECT_FALSE(Pattern("*.Example.com").matches("api.example.com"));
}

TEST(Pattern, TellsItsLiteralPrefix) {
  EXPECT_EQ(Pattern("/a/b*c?").literal_prefix(), "/a/b");
  EXPECT_EQ(Pattern("?a").literal_prefix(), "");
  EXPECT_TRUE(Pattern("/a").is_literal());
  EXPECT_FALSE(Pattern("/a*").is_literal());
}

bool slow_match(std::string_view p, std::string_view t) {
  if (p.empty()) return t.empty();
  if (p[0] == '*') return slow_match(p.substr(1), t) || (!t.empty() && slow_match(p, t.substr(1)));
  return !t.empty() && (p[0] == '?' || p[0] == t[0]) && slow_match(p.substr(1), t.substr(1));
}

TEST(Pattern, AgreesWithTheDefinitionOnRandomTexts) {
  Random random(5);
  int positive = 0;
  for (int n = 0; n < 100000; ++n) {
    std::string pattern, text;
    for (std::size_t i = random.below(7); i > 0; --i) pattern += "ab*?"[random.below(4)];
    for (std::size_t i = random.below(9); i > 0; --i) text += "ab"[random.below(2)];
    positive += slow_match(pattern, text);
    ASSERT_EQ(matches(pattern, text), slow_match(pattern, text)) << pattern << " " << text;
  }
  EXPECT_GT(positive, 10000);
}

TEST(Pattern, EndsSoonOnWhatMakesOthersExplode) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  pattern += "b";
  EXPECT_FALSE(matches(pattern, std::string(8000, 'a')));  // 2^60 steps if it backtracked fully
}

TEST(Pattern, TakesAWildcardBehindABackslashForItself) {
  EXPECT_TRUE(matches("a\\*b", "a*b"));
  EXPECT_FALSE(matches("a\\*b", "axb"));
  EXPECT_TRUE(matches("what\\?", "what?"));
  EXPECT_FALSE(matches("what\\?", "whats"));
  EXPECT_TRUE(matches("\\\\*", "\\anything"));
  EXPECT_TRUE(matches("C:\\dir", "C:\\dir"));
  EXPECT_EQ(Pattern("/a\\*b*").literal_prefix(), "/a*b");
}

std::string taken(std::string_view pattern, std::string_view text) {
  const auto got = Pattern(pattern).take(text);
  if (!got) return "none";
  std::string out;
  for (const auto piece : *got) out.append(piece).append("|");
  return out.substr(0, out.find_last_not_of('|') + 2);
}

TEST(Pattern, TellsWhatItsStarsTook) {
  EXPECT_EQ(taken("/v1/*", "/v1/chat/x"), "chat/x|");
  EXPECT_EQ(taken("/*/models/*", "/a/b/models/c"), "a/b|c|");
  EXPECT_EQ(taken("*.example.com", "x.y.example.com"), "x.y|");
  EXPECT_EQ(taken("*-*", "a-b-c"), "a|b-c|");
  EXPECT_EQ(taken("/a*b*c", "/aXbYbc"), "X|Yb|");
  EXPECT_EQ(taken("/v?/*", "/v2/x"), "x|");
  EXPECT_EQ(taken("/x*", "/x").substr(0, 1), "|");
  EXPECT_EQ(taken("/v1/*", "/v2/x"), "none");
}

}  // namespace
}  // namespace weir::route
