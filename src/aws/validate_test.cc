#include "aws/validate.h"

#include <gtest/gtest.h>

#include "aws/model.h"
#include "aws/pattern.h"

namespace weir::aws {
namespace {

constexpr std::string_view kModel = R"({
  "metadata": {"protocol": "query", "apiVersion": "2026-01-01"},
  "operations": {"Op": {"name": "Op", "http": {}, "input": {"shape": "In"}}},
  "shapes": {
    "In": {"type": "structure", "required": ["Name"], "members": {
      "Name": {"shape": "Name"}, "Scheme": {"shape": "Scheme"}, "Count": {"shape": "Count"},
      "Tags": {"shape": "Tags"}}},
    "Name": {"type": "string", "min": 1, "max": 5, "pattern": "[a-z]+"},
    "Scheme": {"type": "string", "enum": ["internal", "internet-facing"]},
    "Count": {"type": "integer", "min": 1, "max": 10},
    "Tags": {"type": "list", "member": {"shape": "Tag"}, "max": 2, "min": 1},
    "Tag": {"type": "structure", "required": ["Key"], "members": {"Key": {"shape": "Name"}}}}})";

class Validate : public testing::Test {
 protected:
  std::string message(Structure in, const Rules& rules = {}) {
    const auto fault = validate(input(), std::move(in), rules, "ValidationError");
    return fault ? fault->message : "";
  }
  const Member& input() const { return model->service().find("Op")->input; }

  std::unique_ptr<Model> model = Model::read("test", kModel).value();
};

TEST_F(Validate, AcceptsWhatTheModelAllows) {
  EXPECT_EQ(message({{"web", "internal", 10, List{{Structure{{"key"}}}}}}), "");
}

TEST_F(Validate, SaysAllViolationsAtOnceInAwsGrammar) {
  EXPECT_EQ(
      message({{Value(), "public", 11, List{{Structure{{"toolong"}}, Structure{{Value()}}}}}}),
      "5 validation errors detected: "
      "Value null at 'name' failed to satisfy constraint: Member must not be null; "
      "Value 'public' at 'scheme' failed to satisfy constraint: Member must satisfy enum value "
      "set: [internal, internet-facing]; "
      "Value '11' at 'count' failed to satisfy constraint: Member must have value less than or "
      "equal to 10; "
      "Value 'toolong' at 'tags.1.member.key' failed to satisfy constraint: Member must have "
      "length less than or equal to 5; "
      "Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null");
}

TEST_F(Validate, ChecksPatternsOverTheWholeText) {
  EXPECT_EQ(
      message({{"a1", Value(), Value(), Value()}}),
      "1 validation error detected: Value 'a1' at 'name' failed to satisfy constraint: Member "
      "must satisfy regular expression pattern: [a-z]+");
}

TEST_F(Validate, SaysWhatIsMissingInTheWordsOfEc2) {
  const auto fault = validate(input(), Structure{std::vector<Value>(4)},
                              {.missing_code = "MissingParameter"}, "InvalidParameterValue");

  EXPECT_EQ(fault->code, "MissingParameter");
  EXPECT_EQ(fault->message, "The request must contain the parameter name");
}

TEST_F(Validate, NamesMembersThatAreRefused) {
  const Refused refused[] = {{"In", "Scheme"}, {"Tag", "Key"}};

  EXPECT_EQ(
      message({{"web", "internal", Value(), List{{Structure{{"key"}}}}}}, {.refused = refused}),
      "Parameters scheme, tags.1.member.key are accepted by AWS but not supported here");
}

TEST_F(Validate, AnEmptyListIsNoneWhereTheFormSaysSo) {
  EXPECT_NE(message({{"web", Value(), Value(), List{}}}), "");
  EXPECT_EQ(message({{"web", Value(), Value(), List{}}}, {.empty_list_is_none = true}), "");
}

TEST(Pattern, UnderstandsJavasDialect) {
  EXPECT_TRUE(satisfies(R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*)",
                        "caf\xc3\xa9\n"));
  EXPECT_FALSE(satisfies(R"([\u0020-\uD7FF\r\n\t]*)", "a\x01"));
  EXPECT_TRUE(satisfies(R"(^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$)", "env:prod 1"));
  EXPECT_FALSE(satisfies(R"(^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$)", "a{b}"));
  EXPECT_TRUE(satisfies(R"((\u002F)|(\u002F[\u0021-\u007E]+\u002F))", "/path/"));
  EXPECT_TRUE(satisfies(R"((?!\s*$).+)", "a"));
  EXPECT_FALSE(satisfies(R"((?!\s*$).+)", "  "));
  EXPECT_TRUE(satisfies(R"([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})", "endpoint-1"));
  EXPECT_FALSE(satisfies(R"([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})", "-endpoint"));
  EXPECT_FALSE(satisfies("[:]+[^:].*", "x"));
}

}  // namespace
}  // namespace weir::aws
