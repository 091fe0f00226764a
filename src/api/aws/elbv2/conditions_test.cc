#include "api/aws/elbv2/conditions.h"

#include <gtest/gtest.h>

namespace weir::amazon::elbv2 {
namespace {

RuleCondition path_condition(std::string pattern) {
  RuleCondition condition;
  condition.Field = "path-pattern";
  condition.Values = {std::move(pattern)};
  return condition;
}

TEST(Conditions, AreAnsweredInBothSpellings) {
  const auto kept = checked_conditions({path_condition("/a/*")});

  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->front().Values, std::vector<std::string>{"/a/*"});
  EXPECT_EQ(kept->front().PathPatternConfig->Values, std::vector<std::string>{"/a/*"});
}

TEST(Conditions, OfOneKindStandOnceInARule) {
  const auto kept = checked_conditions({path_condition("/a"), path_condition("/b")});

  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, "ValidationError");
}

TEST(Conditions, NeedAValue) {
  RuleCondition empty;
  empty.Field = "host-header";

  EXPECT_FALSE(checked_conditions({empty}));
}

TEST(Conditions, WithSeveralQueryPairsHoldWhereOneOfThemDoes) {
  RuleCondition query;
  query.Field = "query-string";
  query.QueryStringConfig.emplace();
  query.QueryStringConfig->Values = {{.Key = "v", .Value = "2"}, {.Key = {}, .Value = "any"}};

  const Match match = match_of(*checked_conditions({query}));

  EXPECT_TRUE(match.query.empty());
  ASSERT_EQ(match.query_any.size(), 2u);
  EXPECT_EQ(match.query_any[1].first, "");
}

TEST(Conditions, AreAlikeWhateverTheOrderOfTheirValues) {
  Match one;
  one.path = {"/a", "/b"};
  Match other;
  other.path = {"/b", "/a"};

  EXPECT_EQ(text_of(one), text_of(other));
  other.host = {"h"};
  EXPECT_NE(text_of(one), text_of(other));
}

TEST(Transforms, BecomeRewrites) {
  RuleTransform url;
  url.Type = "url-rewrite";
  url.UrlRewriteConfig.emplace();
  url.UrlRewriteConfig->Rewrites = {{.Regex = "^/api/(.*)$", .Replace = "/$1"}};

  const auto kept = checked_transforms({url});

  ASSERT_TRUE(kept);
  EXPECT_EQ(rewrite_of(*kept).path_regex, "^/api/(.*)$");
  EXPECT_EQ(rewrite_of(*kept).path, "/$1");
}

TEST(Transforms, RefuseAnExpressionThatIsNone) {
  RuleTransform url;
  url.Type = "url-rewrite";
  url.UrlRewriteConfig.emplace();
  url.UrlRewriteConfig->Rewrites = {{.Regex = "(", .Replace = "/"}};

  EXPECT_FALSE(checked_transforms({url}));
}

}  // namespace
}  // namespace weir::amazon::elbv2
