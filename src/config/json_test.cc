#include "config/json.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace weir::config {
namespace {

TEST(Json, ReadsTheSameTreeAsYaml) {
  Findings findings;
  const std::string text = R"({"a": 1, "b": [true, null, 1.5, "x\n"], "c": {"d": "30s"}})";

  const Node json = parse_json(text, 0, findings);
  const Node yaml = parse_yaml(text, 0, findings);

  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(json, yaml);
}

TEST(Json, NamesThePlaceOfASyntaxError) {
  Findings findings;
  const Document document{{"body"}, parse_json("{\n  \"a\": 1,\n}", 0, findings)};

  const auto mistakes = findings.locate(document);

  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_EQ(mistakes[0].line, 3);
  EXPECT_NE(mistakes[0].what.find("is not JSON: syntax error"), std::string::npos);
}

TEST(Json, AKeyTwiceIsAMistake) {
  Findings findings;
  const Document document{{"body"}, parse_json(R"({"a": 1, "a": 2})", 0, findings)};

  ASSERT_EQ(findings.locate(document).size(), 1u);
  EXPECT_EQ(to_string(findings.locate(document)[0]),
            "body: a: the key 'a' occurs twice: keep one of them");
}

TEST(Json, RefusesDeepNesting) {
  Findings findings;

  parse_json(std::string(100'000, '['), 0, findings);

  EXPECT_FALSE(findings.empty());
}

TEST(Json, WritesNumbersBareAndTextQuoted) {
  Node map = Node::map();
  map.add("count", Node::scalar("2"));
  map.add("on", Node::scalar("true"));
  map.add("wait", Node::scalar("30s"));
  map.add("text", Node::quote("2"));
  map.add("bad utf8", Node::quote("\xff"));
  map.add("none", Node{});

  EXPECT_EQ(
      write_json(map, -1),
      "{\"count\":2,\"on\":true,\"wait\":\"30s\",\"text\":\"2\",\"bad utf8\":\"\xEF\xBF\xBD\","
      "\"none\":null}");
}

}  // namespace
}  // namespace weir::config
