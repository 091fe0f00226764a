#include "health/codes.h"

#include <gtest/gtest.h>

namespace weir::health {
namespace {

TEST(Codes, AcceptsCodesAndRangesWithTheirEnds) {
  const Names codes = {"200-299", "304", "418"};

  for (const int good : {200, 250, 299, 304, 418}) EXPECT_TRUE(accepts(codes, good)) << good;
  for (const int bad : {100, 199, 300, 303, 305, 417, 500})
    EXPECT_FALSE(accepts(codes, bad)) << bad;
}

TEST(Codes, AcceptsNothingWhereNothingCanBeRead) {
  for (const char* text : {"", "-", "2xx", "200-", "-299", "200 ", "299-200", "99999"}) {
    EXPECT_FALSE(accepts({text}, 200)) << text;
  }
}

}  // namespace
}  // namespace weir::health
