#include "route/table.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "base/random.h"

namespace weir::route {
namespace {

Rule rule(Match match, std::optional<std::int32_t> priority = {}) {
  Rule r;
  r.priority = priority;
  r.match = std::move(match);
  r.action = Forward{{{"g", 1}}};
  return r;
}

Match path(Names patterns) {
  Match match;
  match.path = std::move(patterns);
  return match;
}

Match host(Names patterns) {
  Match match;
  match.host = std::move(patterns);
  return match;
}

class TableTest : public testing::Test {
 protected:
  TableTest() {
    request.method = "GET";
    request.host = "example.com";
    request.path = "/";
  }
  int match() { return Table::build(listener)->match(request); }
  void add(Match m, std::optional<std::int32_t> priority = {}) {
    listener.rules.push_back(rule(std::move(m), priority));
  }

  Listener listener;
  RequestView request;
};

TEST_F(TableTest, FallsToTheDefaultActionWhenNoRuleMatches) {
  EXPECT_EQ(match(), Table::kDefault);
  add(path({"/ocr"}));
  EXPECT_EQ(match(), Table::kDefault);

  const auto table = Table::build(listener);

  EXPECT_EQ(std::get<Respond>(table->action(Table::kDefault)).status, 404);
  EXPECT_EQ(std::get<Forward>(table->action(0)).groups[0].group, "g");
}

TEST_F(TableTest, TakesTheFirstInTheOrderOfTheFile) {
  add(path({"/a/*"}));
  add(path({"/a/b"}));
  request.path = "/a/b";
  EXPECT_EQ(match(), 0);
}

TEST_F(TableTest, TakesTheLowestPriorityFirst) {
  add(path({"/a/*"}), 20);
  add(path({"/a/b"}), 10);
  request.path = "/a/b";

  const auto table = Table::build(listener);

  EXPECT_EQ(table->match(request), 0);
  EXPECT_EQ(table->rules()[0].priority, 10);
  request.path = "/a/c";
  EXPECT_EQ(table->match(request), 1);
}

TEST_F(TableTest, MatchesARuleWithoutConditionsAlways) {
  add(Match{});
  EXPECT_EQ(match(), 0);
}

TEST_F(TableTest, ComparesHostsWithoutCaseAndPathsWithIt) {
  add(host({"API.example.com"}));
  add(path({"/Ocr"}));
  request.host = "api.Example.COM";
  EXPECT_EQ(match(), 0);
  request.host = "api.example.com.";
  EXPECT_EQ(match(), 0);
  request.host = "x";
  request.path = "/ocr";
  EXPECT_EQ(match(), Table::kDefault);
  request.path = "/Ocr";
  EXPECT_EQ(match(), 1);
}

TEST_F(TableTest, FindsHostsByPatternsOfAllForms) {
  add(host({"*.example.com"}));
  add(host({"api.*"}));
  add(host({"exact.org", "*.other.org"}));
  const std::array<std::pair<std::string_view, int>, 9> cases{{{"a.example.com", 0},
                                                               {"a.b.example.com", 0},
                                                               {"example.com", -1},
                                                               {"api.org", 1},
                                                               {"api.example.com", 0},
                                                               {"exact.org", 2},
                                                               {"x.other.org", 2},
                                                               {"other.org", -1},
                                                               {"", -1}}};
  for (const auto& [name, expected] : cases) {
    request.host = name;
    EXPECT_EQ(match(), expected) << name;
  }
}

TEST_F(TableTest, AsksForAllConditionsAndAnyOfTheirValues) {
  Match all;
  all.host = {"a.com", "b.com"};
  all.path = {"/x", "/y*"};
  all.method = {"GET", "POST"};
  all.header = {{"X-Tier", {"gold", "silver*"}}, {"X-Other", {"*"}}};
  all.query = {{"model", {"small", "large"}}};
  all.source = {"10.0.0.0/8", "::1"};
  add(all);
  std::array<HeaderView, 2> headers{{{"x-tier", "Silver-2"}, {"x-other", ""}}};
  request.host = "b.com";
  request.path = "/yes";
  request.method = "POST";
  request.headers = headers;
  request.query = "a=1&model=large";
  request.source = *parse_ip("10.1.2.3");
  const RequestView good = request;
  ASSERT_EQ(match(), 0);

  request.host = "c.com";
  EXPECT_EQ(match(), -1);
  request = good;
  request.path = "/x/";
  EXPECT_EQ(match(), -1);
  request = good;
  request.method = "post";
  EXPECT_EQ(match(), -1);
  request = good;
  headers[0].value = "bronze";
  EXPECT_EQ(match(), -1);
  headers[0].value = "gold";
  EXPECT_EQ(match(), 0);
  request.headers = std::span(headers).first(1);
  EXPECT_EQ(match(), -1);
  request = good;
  request.query = "model=medium";
  EXPECT_EQ(match(), -1);
  request = good;
  request.source = *parse_ip("11.1.2.3");
  EXPECT_EQ(match(), -1);
  request.source = *parse_ip("::1");
  EXPECT_EQ(match(), 0);
}

TEST_F(TableTest, ReadsEveryHeaderOfAName) {
  Match match_header;
  match_header.header = {{"X", {"b"}}};
  add(match_header);
  const std::array<HeaderView, 2> headers{{{"X", "a"}, {"x", "b"}}};
  request.headers = headers;
  EXPECT_EQ(match(), 0);
}

TEST_F(TableTest, DecodesQueriesBeforeItComparesThem) {
  Match by_query;
  by_query.query = {{"näme", {"a b&c"}}};
  add(by_query);
  const std::array<std::pair<std::string_view, int>, 8> cases{{{"n%C3%A4me=a%20b%26c", 0},
                                                               {"x=1&&n%c3%a4me=a%20b%26C&y", 0},
                                                               {"näme=a b%26c", 0},
                                                               {"n%C3%A4me=a+b%26c", -1},
                                                               {"näme=a b&c", -1},
                                                               {"n%C3%A4me", -1},
                                                               {"n%=a%20b%26c", -1},
                                                               {"", -1}}};
  for (const auto& [query, expected] : cases) {
    request.query = query;
    EXPECT_EQ(match(), expected) << query;
  }
}

TEST_F(TableTest, TakesAQueryValueOfAnyKeyWhereTheConditionHasNone) {
  Match by_value;
  by_value.query = {{"", {"yes"}}};
  add(by_value);
  request.query = "a=no&b=yes";
  EXPECT_EQ(match(), 0);
}

TEST_F(TableTest, MatchesNothingByABlockThatCannotBeRead) {
  Match bad;
  bad.source = {"10.0.0.0/40"};
  add(bad);
  request.source = *parse_ip("10.0.0.1");
  EXPECT_EQ(match(), Table::kDefault);
}

TEST_F(TableTest, FindsPatternsWhoseLiteralStartIsVeryLong) {
  const std::string start = "/" + std::string(100, 'a');
  add(path({start + "b*"}));
  add(path({start + "*"}));
  const std::string first = start + "bc", second = start + "c", none = start.substr(1);
  request.path = first;
  EXPECT_EQ(match(), 0);
  request.path = second;
  EXPECT_EQ(match(), 1);
  request.path = none;
  EXPECT_EQ(match(), -1);
}

// The index must not change what the rules mean: compare with asking every rule in turn.
TEST_F(TableTest, AgreesWithAScanOfAllRulesOnRandomOnes) {
  Random random(11);
  const Names hosts{"a.com", "b.com", "*.a.com", "*.com", "x.*", "?.com", "*"};
  const Names paths{"/", "/a", "/a/*", "/a/b", "/a/b*", "/*", "*b", "/?/b", "/b/c?"};
  const Names names{"a.com", "b.com", "x.a.com", "y.x.a.com", "x.org", "c.com", ""};
  const Names places{"/", "/a", "/a/", "/a/b", "/a/bc", "/b", "/b/cd", "/c/b", "*", ""};
  const auto some = [&](const Names& from) {
    Names out;
    for (std::size_t n = random.below(4); n > 0; --n)
      out.push_back(from[random.below(from.size())]);
    return out;
  };
  int matched = 0;
  for (int round = 0; round < 300; ++round) {
    listener.rules.clear();
    for (int n = 0; n < 12; ++n) {
      Match m;
      m.host = some(hosts);
      m.path = some(paths);
      if (random.below(3) == 0) m.method = {"POST"};
      add(m, static_cast<std::int32_t>(random.below(50)));
    }
    const auto table = Table::build(listener);
    for (const std::string& name : names) {
      for (const std::string& place : places) {
        request.host = name;
        request.path = place;
        int expected = Table::kDefault;
        for (std::size_t r = 0; r < table->rules().size() && expected < 0; ++r) {
          if (Conditions(table->rules()[r].match).hold(Subject(request))) {
            expected = static_cast<int>(r);
          }
        }
        matched += expected >= 0;
        ASSERT_EQ(table->match(request), expected) << name << place;
      }
    }
  }
  EXPECT_GT(matched, 1000);
}

TEST_F(TableTest, TakesOneOfSeveralQueryPairs) {
  Match match_any;
  match_any.query_any = {{"version", {"v1"}}, {"", {"*beta*"}}};
  add(match_any);

  for (const auto& [query, want] : std::vector<std::pair<const char*, int>>{
           {"version=V1", 0}, {"x=BETA2", 0}, {"version=v2", -1}, {"", -1}}) {
    request.query = query;
    EXPECT_EQ(match(), want) << query;
  }
}

TEST_F(TableTest, MatchesByExpressions) {
  Match by_path, by_host, by_header;
  by_path.path_regex = {"^/v[0-9]+/(chat|embed)$"};
  by_host.host_regex = {"^eu-[a-z]+\\."};
  by_header.header_regex = {{"User-Agent", {"curl/[78]\\.", "^wget"}}};
  add(by_path);
  add(by_host);
  add(by_header);

  request.path = "/v12/embed";
  EXPECT_EQ(match(), 0);
  request.path = "/V12/embed";
  EXPECT_EQ(match(), Table::kDefault);
  request.host = "EU-west.example.com";
  EXPECT_EQ(match(), 1);
  request.host = "example.com";
  const std::array<HeaderView, 1> headers{{{"user-agent", "Wget/1"}}};
  request.headers = headers;
  EXPECT_EQ(match(), 2);
}

TEST_F(TableTest, KnowsWhichRulesDoMoreThanTheirAction) {
  add(path({"/plain"}), 20);
  add(path({"/edited"}), 10);
  listener.rules[1].headers.request.set = {{"A", "1"}};

  const auto table = Table::build(listener);

  EXPECT_EQ(table->extras(Table::kDefault), nullptr);
  ASSERT_NE(table->extras(0), nullptr);
  EXPECT_FALSE(table->extras(0)->request.empty());
  EXPECT_TRUE(table->extras(0)->response.empty());
  EXPECT_EQ(table->extras(1), nullptr);
  EXPECT_EQ(table->priority(0), 10);
  EXPECT_EQ(table->priority(Table::kDefault), 0);
}

TEST_F(TableTest, AppliesTheListenersHeadersToEveryRule) {
  add(path({"/plain"}));
  listener.headers.response.remove = {"Server"};

  const auto table = Table::build(listener);

  ASSERT_NE(table->extras(Table::kDefault), nullptr);
  ASSERT_NE(table->extras(0), nullptr);
  EXPECT_FALSE(table->extras(0)->response.empty());
}

}  // namespace
}  // namespace weir::route
