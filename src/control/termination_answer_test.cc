#include "control/termination_answer.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

using Ids = std::vector<std::string>;

TEST(TerminationAnswer, IsTheLastLineThatACommandWrites) {
  EXPECT_EQ(*parse_termination_answer(R"({"terminate": ["i-2", "i-1"]})"), (Ids{"i-2", "i-1"}));
  EXPECT_EQ(*parse_termination_answer("looking\n  {\"terminate\": [\"i-1\"]}\r\n\n"), Ids{"i-1"});
  EXPECT_EQ(*parse_termination_answer(R"({"terminate": []})"), Ids{});
}

TEST(TerminationAnswer, ThatIsNoneSaysWhy) {
  EXPECT_EQ(parse_termination_answer(" \n").error().message, "it wrote nothing");
  for (const char* text : {"i-1", "[]", "{}", R"({"terminate": "i-1"})", R"({"terminate": [)"}) {
    EXPECT_NE(parse_termination_answer(text).error().message.find("was not {"), std::string::npos)
        << text;
  }
  EXPECT_EQ(parse_termination_answer(R"({"terminate": [7]})").error().message,
            "'terminate' has something that is no id");
}

}  // namespace
}  // namespace weir::control
