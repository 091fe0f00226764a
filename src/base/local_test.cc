#include "base/local.h"

#include <gtest/gtest.h>

#include <utility>

namespace weir {
namespace {

struct Guest : Counted {
  explicit Guest(int& count) : living(count) { ++living; }
  ~Guest() { --living; }
  int& living;
};

TEST(Local, FreesItsObjectWithTheLastPointer) {
  int living = 0;
  auto first = make_local<Guest>(living);
  Local<Guest> second = first;

  first.reset();
  EXPECT_EQ(living, 1);
  EXPECT_EQ(second.use_count(), 1u);
  second.reset();

  EXPECT_EQ(living, 0);
  EXPECT_FALSE(second);
}

TEST(Local, HandsItsCountOnWhenMoved) {
  int living = 0;
  auto first = make_local<Guest>(living);

  const Local<Guest> second = std::move(first);

  EXPECT_EQ(second.use_count(), 1u);
  EXPECT_EQ(second->living, 1);
}

TEST(Local, SurvivesAssignmentToItself) {
  int living = 0;
  auto guest = make_local<Guest>(living);
  auto& same = guest;

  guest = same;

  EXPECT_EQ(guest.use_count(), 1u);
  EXPECT_EQ(living, 1);
}

TEST(Local, LetsGoOfTheOldObjectWhenAssigned) {
  int living = 0;
  auto guest = make_local<Guest>(living);

  guest = make_local<Guest>(living);

  EXPECT_EQ(living, 1);
}

}  // namespace
}  // namespace weir
