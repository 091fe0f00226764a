// Who goes where a command of the user's is asked.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

using Ids = std::vector<std::string>;

std::string notes(const TestWorld& w) {
  std::string all;
  for (const std::string& note : w.last.notes) all += note + "\n";
  return all;
}

// `n` that serve, with i-1 the one that the policies would take: it is asked for `desired`.
TestWorld asked(std::uint32_t n, std::uint32_t desired) {
  TestWorld w = serving(n);
  w.options.termination_policies = {"oldest_instance"};
  w.options.termination_command.emplace().command = {"choose"};
  w.manual(desired);
  w.step_now();
  return w;
}

Ids drained(const TestWorld& w) {
  Ids ids;
  for (const Action& a : w.actions) {
    if (a.kind == Action::Kind::drain) ids.push_back(a.instance);
  }
  return ids;
}

// What the command says, in the next step.
void answer(TestWorld& w, Ids ids, std::string trouble = {}) {
  w.facts.choosing = false;
  w.facts.choice = Choice{std::move(ids), std::move(trouble)};
  w.step_now();
  w.facts.choice.reset();
}

TEST(TerminationCommand, IsAskedForAsManyAsAreTooManyAndNobodyGoesBefore) {
  TestWorld w = asked(4, 2);

  ASSERT_EQ(w.done(Action::Kind::choose), 1u);
  const Action& action = w.actions.back();
  EXPECT_EQ(action.count, 2u);
  EXPECT_EQ(action.candidates, (Ids{"i-1", "i-2", "i-3", "i-4"}));
  EXPECT_TRUE(drained(w).empty());
  EXPECT_NE(notes(w).find("the termination command is asked who goes"), std::string::npos);
}

TEST(TerminationCommand, IsNotAskedAgainWhileItIsAtWork) {
  TestWorld w = asked(4, 2);
  w.run(5s);

  EXPECT_EQ(w.done(Action::Kind::choose), 1u);
  EXPECT_TRUE(drained(w).empty());
}

TEST(TerminationCommand, TakesTheFirstThatMayGoInItsOrder) {
  TestWorld w = asked(4, 2);
  w.find("i-4")->is_protected = true;
  answer(w, {"i-9", "i-4", "i-3", "i-2", "i-1"});

  EXPECT_EQ(drained(w), (Ids{"i-3", "i-2"}));
  EXPECT_NE(w.causes().find("the termination command named it"), std::string::npos) << w.causes();
}

TEST(TerminationCommand, IsAskedAgainWhereItNamedTooFew) {
  TestWorld w = asked(4, 2);
  answer(w, {"i-3"});

  EXPECT_EQ(drained(w), Ids{"i-3"});
  ASSERT_EQ(w.done(Action::Kind::choose), 2u);
  EXPECT_EQ(w.actions.back().count, 1u);
  EXPECT_EQ(w.actions.back().candidates, (Ids{"i-1", "i-2", "i-4"}));
}

TEST(TerminationCommand, ThatFailsLeavesItToThePoliciesAndAnActivitySaysSo) {
  TestWorld w = asked(4, 2);
  answer(w, {}, "exit status 3: no idea");

  EXPECT_EQ(drained(w), (Ids{"i-1", "i-2"}));
  EXPECT_NE(w.causes().find("the termination policies decided: exit status 3: no idea"),
            std::string::npos)
      << w.causes();
}

TEST(TerminationCommand, ThatNamesNoneThatMayGoIsNoHelp) {
  TestWorld w = asked(4, 3);
  answer(w, {"i-7"});

  EXPECT_EQ(drained(w), Ids{"i-1"});
  EXPECT_NE(w.causes().find("it named none that may go"), std::string::npos) << w.causes();
}

TEST(TerminationCommand, ThatNamesNobodyIsAskedAgainAMinuteLater) {
  TestWorld w = asked(4, 3);
  answer(w, {});
  w.run(58s);
  EXPECT_TRUE(drained(w).empty());
  EXPECT_EQ(w.done(Action::Kind::choose), 1u);
  EXPECT_NE(notes(w).find("lets none go for now"), std::string::npos) << notes(w);

  w.run(4s);
  EXPECT_EQ(w.done(Action::Kind::choose), 2u);
}

TEST(TerminationCommand, IsNotAskedAboutWhatDoesNotServe) {
  TestWorld w = serving(3);
  w.options.termination_command.emplace().command = {"choose"};
  w.find("i-2")->healthy = false;
  w.manual(2);
  w.step_now();

  EXPECT_EQ(drained(w), Ids{"i-2"});
  EXPECT_EQ(w.done(Action::Kind::choose), 0u);
}

TEST(TerminationCommand, KeepsZonesBalanced) {
  TestWorld w = serving(3);
  w.find("i-1")->zone = "a";
  w.find("i-2")->zone = w.find("i-3")->zone = "b";
  w.options.termination_command.emplace().command = {"choose"};
  w.manual(2);
  w.step_now();
  answer(w, {"i-1", "i-3", "i-2"});

  EXPECT_EQ(drained(w), Ids{"i-3"});
}

}  // namespace
}  // namespace weir::scale
