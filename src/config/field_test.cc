#include "config/field.h"

#include <gtest/gtest.h>

#include "config/manual.h"
#include "config/yaml.h"

namespace weir::config {
namespace {

struct Inner {
  Duration wait = 5s;
  Bytes size{1024};
  bool operator==(const Inner&) const = default;
};
struct Outer {
  bool on = true;
  std::uint16_t port = 80;
  std::int32_t offset = -1;
  double share = 0.5;
  std::string word = "plain";
  std::vector<std::string> words;
  std::map<std::string, Inner> inners;
  std::optional<std::uint32_t> count;
  std::vector<Inner> list;
  bool operator==(const Outer&) const = default;
};

const Type& config_type(const Inner*) {
  static const auto type = struct_type<Inner>(
      "map", {also_called(field("wait", &Inner::wait, "how long", between(1s, 1h)), {"delay"}),
              field("size", &Inner::size, "how large"), later("colour")});
  return type;
}
const Type& config_type(const Outer*) {
  static const auto type = struct_type<Outer>(
      "map",
      {field("on", &Outer::on, "whether"), field("port", &Outer::port, "where", between(1, 1000)),
       field("offset", &Outer::offset, "by how much"),
       field("share", &Outer::share, "how much of it", between(0, 1)),
       field("word", &Outer::word, "which", one_of({"plain", "fancy"})),
       field("words", &Outer::words, "many"), field("inners", &Outer::inners, "by name"),
       field("count", &Outer::count, "how many", between(1, 5)),
       field("list", &Outer::list, "in order")});
  return type;
}

struct Read {
  Outer outer;
  std::vector<std::string> mistakes;
};

Read read(std::string_view yaml) {
  Findings findings;
  const Document document{{"f"}, parse_yaml(yaml, 0, findings)};
  Read result;
  const Cursor root(document.root, findings);
  type_of<Outer>().decode(root, &result.outer);
  const Trail top;
  type_of<Outer>().check(&result.outer, top, findings);
  for (const Mistake& mistake : findings.locate(document)) {
    result.mistakes.push_back(to_string(mistake));
  }
  return result;
}

using Texts = std::vector<std::string>;

TEST(Field, DecodesEveryKindOfValue) {
  const Read result = read(
      "on: false\nport: 81\noffset: -7\nshare: 0.25\nword: fancy\nwords: [a, b]\n"
      "inners: { x: { wait: 1m30s }, y: { size: 2KiB } }\ncount: 3\nlist:\n  - wait: 2s\n");

  EXPECT_EQ(result.mistakes, Texts{});
  Outer expected;
  expected.on = false;
  expected.port = 81;
  expected.offset = -7;
  expected.share = 0.25;
  expected.word = "fancy";
  expected.words = {"a", "b"};
  expected.inners = {{"x", {90s, Bytes{1024}}}, {"y", {5s, Bytes{2048}}}};
  expected.count = 3;
  expected.list = {{2s, Bytes{1024}}};
  EXPECT_TRUE(result.outer == expected);
}

TEST(Field, LeavesDefaultsWhereNothingIsWritten) {
  const Read result = read("words:\ninners:\nlist:\ncount:\n");

  EXPECT_EQ(result.mistakes, Texts{});
  EXPECT_TRUE(result.outer == Outer{});
}

TEST(Field, ASingleScalarStandsForAListOfOne) {
  EXPECT_EQ(read("words: a").outer.words, Texts{"a"});
}

TEST(Field, ReportsEveryMistakeWithPlaceAndRemedy) {
  const Read result = read(
      "on: yes\nport: 1001\noffset: 1.5\nshare: 50%\nword: fance\nwords: { a: b }\n"
      "inners:\n  x: { wait: 30, size: 5M, waitt: 1s, colour: red, delay: 1s }\ncount: 9\n"
      "list: { wait: 1s }\nprot: 1\n");

  EXPECT_EQ(
      result.mistakes,
      (Texts{
          "f:1:5: on: 'yes' is neither true nor false: write true",
          "f:2:7: port: 1001 is above 1000: write a value from 1 to 1000",
          "f:3:9: offset: '1.5' is not a whole number: write digits only, such as 10",
          "f:4:8: share: '50%' is not a number: write a share as 0.5, a percentage as 50",
          "f:5:7: word: 'fance' is not known: did you mean 'fancy'?",
          "f:6:8: words: is a map: write one text, or a list: [a, b]",
          "f:8:14: inners.x.wait: 30 has no unit: write 30s (units: ms, s, m, h, d)",
          "f:8:24: inners.x.size: '5M' is not a size: write 5MiB",
          "f:8:28: inners.x.waitt: unknown key 'waitt': did you mean 'wait'?",
          "f:8:47: inners.x.colour: is known but not built yet: it arrives with a later version; "
          "remove it until then",
          "f:8:52: inners.x.delay: unknown key 'delay': did you mean 'wait'?",
          "f:9:8: count: 9 is above 5: write a value from 1 to 5",
          "f:10:7: list: is a map: write a list: start each item with '- '",
          "f:11:1: prot: unknown key 'prot': did you mean 'port'?",
      }));
}

TEST(Field, ExplainsDurationsAndSizesWithoutUnits) {
  const auto wait = [](const std::string& text) {
    return read("list: [{ wait: " + text + " }]").mistakes.at(0);
  };
  EXPECT_NE(wait("1 min").find("write 1m "), std::string::npos);
  EXPECT_NE(wait("500msec").find("write 500ms "), std::string::npos);
  EXPECT_NE(wait("30 seconds").find("write 30s "), std::string::npos);
  EXPECT_NE(wait("-5s").find("is negative"), std::string::npos);
  EXPECT_NE(wait("soon").find("is not a duration"), std::string::npos);
  EXPECT_NE(wait("2h").find("2h is above 1h"), std::string::npos);
  const auto size = [](const std::string& text) {
    return read("list: [{ size: " + text + " }]").mistakes.at(0);
  };
  EXPECT_NE(size("512").find("write 512B or 512MiB"), std::string::npos);
  EXPECT_NE(size("1.5gb").find("write 1.5GiB"), std::string::npos);
  EXPECT_NE(size("much").find("is not a size"), std::string::npos);
}

TEST(Field, NumbersOutsideTheirTypeAreMistakes) {
  EXPECT_NE(read("port: 70000").mistakes.at(0).find("70000 is above 65535"), std::string::npos);
  EXPECT_NE(read("port: -1").mistakes.at(0).find("-1 is below 0"), std::string::npos);
  EXPECT_NE(read("offset: 99999999999999999999").mistakes.at(0).find("is above 2147483647"),
            std::string::npos);
  EXPECT_NE(read("share: nan").mistakes.at(0).find("is not a number"), std::string::npos);
  EXPECT_NE(read("share: 1e999").mistakes.at(0).find("is not a number"), std::string::npos);
  EXPECT_NE(read("share:").mistakes.at(0).find("has no value"), std::string::npos);
}

TEST(Field, RefusesAZeroByteInAText) {
  EXPECT_EQ(read("words: [\"a\\0b\"]").mistakes,
            Texts{"f:1:9: words[0]: contains a zero byte: remove it"});
}

TEST(Field, EncodesWithoutDefaultsAndReadsBack) {
  const std::string yaml =
      "port: 81\nwords: a\n\ninners:\n  x: { wait: 1m30s }\n  z: {}\ncount: 3\n\nlist:\n  - {}\n";
  const Outer outer = read(yaml).outer;

  const Node node = type_of<Outer>().encode(&outer, Write::without_defaults);

  EXPECT_EQ(write_yaml(node), yaml);
  EXPECT_TRUE(read(write_yaml(type_of<Outer>().encode(&outer, Write::in_full))).outer == outer);
}

TEST(Manual, HasAnEntryPerKeyWithDefaultAndRange) {
  const auto entries = manual(type_of<Outer>());

  const auto wait = describe(entries, "inners.x.wait");
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(*wait, "inners.NAME.wait\n  duration, default 5s, 1s to 1h\n  how long\n");
  EXPECT_TRUE(describe(entries, "list[3].size").has_value());
  EXPECT_TRUE(describe(entries, "list.size").has_value());
  EXPECT_EQ(describe(entries, "colour"), std::nullopt);
  EXPECT_EQ(describe(entries, "inners.x.wait.x"), std::nullopt);
  EXPECT_NE(reference(entries).find("| `port` | whole number | `80` | 1 to 1000 | where |"),
            std::string::npos);
}

TEST(Manual, FindsAllKeysOfAName) {
  const auto text = describe(manual(type_of<Outer>()), "wait");

  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("inners.NAME.wait"), std::string::npos);
  EXPECT_NE(text->find("list[].wait"), std::string::npos);
}

}  // namespace
}  // namespace weir::config
