#include "api/aws/world/book.h"

#include <gtest/gtest.h>

#include "aws/models/elbv2.h"

namespace weir::amazon {
namespace {

namespace elbv2 = aws::elbv2;

struct TestBook : BookOf<TestBook> {
  static constexpr std::string_view kService = "elbv2";
  Shelf<elbv2::Rule> rules;
  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("rule", self.rules);
  }
};

Kept<elbv2::Rule> rule(std::string priority) {
  Kept<elbv2::Rule> kept;
  kept.value.Priority = std::move(priority);
  elbv2::RuleCondition condition;
  condition.Field = "path-pattern";
  condition.Values = {"/v1/*"};
  kept.value.Conditions.push_back(condition);
  kept.tags = {{"k", "v"}};
  kept.attributes = {{"a", "b"}};
  kept.made = WallTime(std::chrono::seconds(7));
  return kept;
}

const state::Tenant kTenant{"123456789012", "us-west-2"};

TEST(Book, IsReadFromItsRows) {
  TestBook book;
  book.rules.put("arn", rule("10"));
  state::Change change;
  book.changes(nullptr, kTenant, change);
  ASSERT_EQ(change.put.size(), 1u);
  EXPECT_EQ(change.put[0].key.kind, "aws/elbv2/rule");
  EXPECT_EQ(change.put[0].key.tenant, kTenant);

  TestBook read;
  const auto taken = read.take("rule", "arn", change.put[0].body);

  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(*taken);
  const auto* kept = read.rules.find("arn");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->value.Priority, "10");
  ASSERT_EQ(kept->value.Conditions.size(), 1u);
  EXPECT_EQ(kept->value.Conditions[0].Values[0], "/v1/*");
  EXPECT_EQ(kept->tags.at("k"), "v");
  EXPECT_EQ(kept->attributes.at("a"), "b");
  EXPECT_EQ(kept->made, rule("").made);
}

TEST(Book, WritesOnlyWhatChanged) {
  TestBook before;
  before.rules.put("a", rule("1"));
  before.rules.put("b", rule("2"));
  before.rules.put("c", rule("3"));
  TestBook after = before;
  after.rules.edit("b")->value.Priority = "20";
  after.rules.erase("c");
  state::Change change;

  after.changes(&before, kTenant, change);

  ASSERT_EQ(change.put.size(), 1u);
  EXPECT_EQ(change.put[0].key.name, "b");
  ASSERT_EQ(change.remove.size(), 1u);
  EXPECT_EQ(change.remove[0].name, "c");
  EXPECT_EQ(before.rules.find("b")->value.Priority, "2");
}

TEST(Book, RefusesARowThatItDidNotWrite) {
  TestBook book;

  EXPECT_FALSE(book.take("rule", "arn", "{}"));
  EXPECT_FALSE(book.take("rule", "arn", "no JSON"));
  EXPECT_FALSE(*book.take("listener", "arn", "{}"));
}

TEST(Books, ShareWhatIsNotEdited) {
  Books first;
  first.edit<TestBook>().rules.put("a", rule("1"));
  first.settle();
  Books second = first;

  second.edit<TestBook>().rules.put("b", rule("2"));

  EXPECT_EQ(first.get<TestBook>().rules.size(), 1u);
  EXPECT_EQ(second.get<TestBook>().rules.size(), 2u);
}

}  // namespace
}  // namespace weir::amazon
