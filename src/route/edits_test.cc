#include "route/edits.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::route {
namespace {

std::string apply(const Edits& edits, std::vector<HeaderView> lines) {
  RequestView request;
  request.host = "example.com";
  request.path = "/a";
  const EditedLines edited = edits.apply(lines, request);
  std::string out;
  for (const HeaderView& line : edited.list) {
    out.append(line.name).append("=").append(line.value).append(";");
  }
  return out;
}

TEST(Edits, LeaveLinesAsTheyAreWithoutAny) {
  const Edits none({}, {});

  EXPECT_TRUE(none.empty());
  EXPECT_EQ(apply(none, {{"A", "1"}, {"a", "2"}}), "A=1;a=2;");
}

TEST(Edits, RemoveAllLinesOfAName) {
  EXPECT_EQ(apply(Edits({{"x-a"}, {}, {}}, {}), {{"X-A", "1"}, {"B", "2"}, {"x-a", "3"}}), "B=2;");
}

TEST(Edits, SetReplacesAndAddAppends) {
  const HeaderEdits edits{{}, {{"X-A", "new"}}, {{"B", "more"}}};

  EXPECT_EQ(apply(Edits(edits, {}), {{"x-a", "1"}, {"B", "2"}, {"X-A", "3"}}),
            "B=2;X-A=new;B=more;");
}

TEST(Edits, OfTheRuleComeAfterThoseOfTheListener) {
  const HeaderEdits listener{{}, {{"X-A", "listener"}}, {}};
  const HeaderEdits rule{{}, {{"X-A", "rule"}}, {}};

  EXPECT_EQ(apply(Edits(listener, rule), {}), "X-A=rule;");
}

TEST(Edits, FillPlaceholders) {
  const HeaderEdits edits{
      {}, {{"X-From", "#{protocol}://#{host}/#{path}"}}, {{"X-Other", "#{x}$1"}}};

  EXPECT_EQ(apply(Edits(edits, {}), {}), "X-From=http://example.com/a;X-Other=#{x}$1;");
}

}  // namespace
}  // namespace weir::route
