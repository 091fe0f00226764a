#include "config/mistake.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace weir::config {
namespace {

TEST(Mistake, ReadsAsPlacePathWhatAndRemedy) {
  EXPECT_EQ(to_string(Mistake{"fleet.yaml", 14, 9, "a.b", "is wrong", "mend it"}),
            "fleet.yaml:14:9: a.b: is wrong: mend it");
  EXPECT_EQ(to_string(Mistake{"", 0, 0, "a.b", "is wrong", ""}), "a.b: is wrong");
  EXPECT_EQ(to_string(Mistake{"f", 0, 0, "", "cannot be read", ""}), "f: cannot be read");
}

class Finding : public testing::Test {
 protected:
  std::string only() {
    const auto mistakes = findings_.locate(document_);
    EXPECT_EQ(mistakes.size(), 1u);
    return mistakes.empty() ? "" : to_string(mistakes[0]);
  }

  Findings findings_;
  Document document_{{"f"}, parse_yaml("a:\n  b: [x, { c: 1 }]\n  d: text\n", 0, findings_)};
  Trail root_;
  Trail a_ = root_.enter("a");
  Trail b_ = a_.enter("b");
  Trail d_ = a_.enter("d");
};

TEST_F(Finding, StandsAtItsValue) {
  const Trail second = b_.item(1);
  findings_.add(second.enter("c"), "is wrong", "");
  EXPECT_EQ(only(), "f:2:15: a.b[1].c: is wrong");
}

TEST_F(Finding, StandsAtTheNearestKeyWhenItsOwnIsAbsent) {
  findings_.add(a_.enter("gone"), "is missing", "");
  EXPECT_EQ(only(), "f:1:1: a.gone: is missing");
}

TEST_F(Finding, EndsItsPathAtAShortForm) {
  findings_.add(d_.enter("inner"), "is wrong", "");
  EXPECT_EQ(only(), "f:3:6: a.d: is wrong");
}

TEST_F(Finding, IsDroppedWhereItOnlyFollowsFromAnother) {
  findings_.add(b_, Place{0, 2, 6}, "cannot be read", "");
  findings_.add(b_.item(0), "is wrong", "");
  EXPECT_EQ(only(), "f:2:6: a.b: cannot be read");
  EXPECT_TRUE(findings_.touched(a_));
  EXPECT_FALSE(findings_.touched(d_));
}

TEST_F(Finding, IsDroppedWhereAMisspeltKeyWasMeant) {
  findings_.expect(a_.enter("gone"));
  findings_.add(a_.enter("gone"), "is missing", "");
  EXPECT_TRUE(findings_.empty());
}

TEST_F(Finding, IsCountedWhenThereAreTooMany) {
  for (std::size_t i = 0; i < Findings::kMost + 5; ++i) findings_.add(d_, "is wrong", "");

  const auto mistakes = findings_.locate(document_);

  ASSERT_EQ(mistakes.size(), Findings::kMost + 1);
  EXPECT_EQ(to_string(mistakes.back()), "f: 5 more mistakes: mend those above first");
}

}  // namespace
}  // namespace weir::config
