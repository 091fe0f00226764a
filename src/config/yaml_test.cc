#include "config/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::config {
namespace {

struct Parsed {
  Node root;
  std::vector<Mistake> mistakes;
};

Parsed parse(std::string_view text) {
  Findings findings;
  Document document{{"f"}, parse_yaml(text, 0, findings)};
  auto mistakes = findings.locate(document);
  return {std::move(document.root), std::move(mistakes)};
}

std::string only_mistake(std::string_view text) {
  const Parsed parsed = parse(text);
  if (parsed.mistakes.size() != 1) return fmt::format("{} mistakes", parsed.mistakes.size());
  return to_string(parsed.mistakes[0]);
}

TEST(Yaml, KeepsThePlaceOfEachKeyAndValue) {
  const Parsed parsed = parse("a: 1\nb:\n  - x\n  - c: [y, 'z']\n");

  ASSERT_TRUE(parsed.mistakes.empty());
  const Entry* b = parsed.root.find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->place, (Place{0, 2, 1}));
  EXPECT_EQ(b->value.items.at(0).place, (Place{0, 3, 5}));
  const Node& list = b->value.items.at(1).find("c")->value;
  EXPECT_EQ(list.items.at(1).place, (Place{0, 4, 12}));
}

TEST(Yaml, TellsQuotedTextFromBareWords) {
  const Node root = parse("a: 1\nb: \"1\"\nc: '1'\nd: |\n  1\n").root;

  EXPECT_FALSE(root.find("a")->value.quoted);
  EXPECT_TRUE(root.find("b")->value.quoted);
  EXPECT_TRUE(root.find("c")->value.quoted);
  EXPECT_EQ(root.find("d")->value.text, "1\n");
}

TEST(Yaml, AKeyTwiceIsAMistakeAndTheFirstStands) {
  const Parsed parsed = parse("a:\n  b: 1\n  b: 2\n");

  ASSERT_EQ(parsed.mistakes.size(), 1u);
  EXPECT_EQ(to_string(parsed.mistakes[0]),
            "f:3:3: a.b: the key 'b' occurs twice; first in line 2: keep one of them");
  EXPECT_EQ(parsed.root.find("a")->value.find("b")->value.text, "1");
}

TEST(Yaml, AKeyTwiceIsFoundInALongMapToo) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += fmt::format("k{}: v\n", i);
  text += "k500: v\n";

  EXPECT_NE(only_mistake(text).find("f:1001:1: k500: the key 'k500' occurs twice"),
            std::string::npos);
}

TEST(Yaml, ExpandsAnchorsAndMerges) {
  const Parsed parsed = parse("base: &b { x: 1, y: 2 }\nmore: { <<: *b, y: 3 }\nlist: [*b, *b]\n");

  ASSERT_TRUE(parsed.mistakes.empty());
  const Node& more = parsed.root.find("more")->value;
  EXPECT_EQ(more.find("x")->value.text, "1");
  EXPECT_EQ(more.find("y")->value.text, "3");
  EXPECT_EQ(parsed.root.find("list")->value.items.at(1), parsed.root.find("base")->value);
}

TEST(Yaml, RefusesABillionLaughs) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{}: &a{} [", i, i);
    for (int k = 0; k < 10; ++k) text += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }

  EXPECT_NE(only_mistake(text).find("more than 1000000 values"), std::string::npos);
}

TEST(Yaml, RefusesABillionLaughsOfText) {
  const std::string text = "a: &a " + std::string(1'000'000, 'x') + "\nb: [" + [] {
    std::string aliases;
    for (int i = 0; i < 2000; ++i) aliases += "*a, ";
    return aliases;
  }() + "]\n";

  EXPECT_NE(only_mistake(text).find("more than 1000000 values"), std::string::npos);
}

TEST(Yaml, RefusesDeepNesting) {
  EXPECT_NE(only_mistake(std::string(70, '[') + std::string(70, ']')).find("nested deeper than 64"),
            std::string::npos);
}

TEST(Yaml, RefusesAnAliasOfAnEnclosingValue) {
  EXPECT_NE(only_mistake("a: &a\n  b: *a\n").find("f:2:6: an alias stands inside the value"),
            std::string::npos);
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_EQ(only_mistake("a: 1\n---\nb: 2\n"),
            "f:3:1: a second document starts: put it into a file of its own");
  EXPECT_EQ(only_mistake("a: 1\n---\n"), "0 mistakes");
}

TEST(Yaml, NamesTheLineAndTheUsualCauseOfASyntaxError) {
  EXPECT_NE(only_mistake("a:\n\tb: 1\n").find("indent with spaces"), std::string::npos);
  EXPECT_NE(only_mistake("a: [x, ${WEIR_PORT}]\n").find("quote a text with ${...}"),
            std::string::npos);
  EXPECT_NE(only_mistake("a: *.example.com\n").find("quote a text that starts with *"),
            std::string::npos);
  EXPECT_NE(only_mistake("a: b: c\n").find("f:1:5: is not YAML"), std::string::npos);
  EXPECT_NE(only_mistake("{a: b}: c\n").find("a key is a map"), std::string::npos);
}

TEST(Yaml, RefusesWhatIsNotText) {
  for (const std::string bad : {"\xff", "\x80", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80",
                                "\xf4\x90\x80\x80", "\x01", "\x7f"}) {
    EXPECT_EQ(only_mistake("a: 1\nä: " + bad + "\n"),
              "f:2:4: has a byte that is not text: save the file as UTF-8");
  }
  EXPECT_EQ(only_mistake(std::string("a: \0", 4)),
            "f:1:4: has a byte that is not text: save the file as UTF-8");
  EXPECT_EQ(only_mistake("\xef\xbb\xbf"
                         "a: ä€😀\r\n"),
            "0 mistakes");
}

TEST(Yaml, WritesWhatReadsBackEqual) {
  Node root = Node::map();
  Node list = Node::sequence();
  for (const char* text : {"",
                           " ",
                           "~",
                           "null",
                           "true",
                           "1",
                           "1e5",
                           "-1",
                           "a: b",
                           "a #b",
                           "#",
                           "*x",
                           "&x",
                           "!x",
                           "%x",
                           "@x",
                           "`x",
                           "- x",
                           "?",
                           "a:",
                           "{",
                           "}",
                           "[",
                           "]",
                           ",",
                           "a,b",
                           "'",
                           "\"",
                           "\\",
                           "\n",
                           "a\nb\n",
                           "\t",
                           "\x01",
                           "\x7f",
                           "ä€😀",
                           "---",
                           "...",
                           "... x",
                           "<<",
                           "=",
                           "|",
                           ">",
                           " lead",
                           "trail ",
                           "a  b",
                           "x: ",
                           "http://h:1/p?q=1",
                           "${WEIR_PORT}",
                           "--port",
                           "C:\\x",
                           "0x10",
                           "*/5 * *"}) {
    list.items.push_back(Node::quote(text));
    root.add(fmt::format("key {}", text), Node::quote(text));
  }
  Node inner = Node::map();
  inner.add("empty map", Node::map());
  inner.add("empty list", Node::sequence());
  inner.add("long", Node::quote(std::string(300, 'x')));
  list.items.push_back(inner);
  Node nested = Node::sequence();
  nested.items = {inner, list};
  root.add("list", list);
  root.add("inner", inner);
  root.add("nested", nested);

  for (const std::string& text : {write_yaml(root), write_yaml_inline(root)}) {
    const Parsed parsed = parse(text);
    EXPECT_TRUE(parsed.mistakes.empty()) << text;
    EXPECT_TRUE(parsed.root == root) << text;
  }
}

}  // namespace
}  // namespace weir::config
