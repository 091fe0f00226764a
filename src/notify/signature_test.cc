#include "notify/signature.h"

#include <gtest/gtest.h>

namespace weir::notify {
namespace {

// Figures of Python's hmac.
TEST(Signature, IsTheHmacOfTimestampAndBody) {
  EXPECT_EQ(signature("Jefe", 1800000000, R"({"id":1})"),
            "fbb8748582d1ef6fbff6c1c602bb41bdde7077aacf9288897487315e71fcf13a");
}

TEST(Signature, DependsOnAllThree) {
  const std::string one = signature("secret", 1, "body");

  EXPECT_NE(signature("Secret", 1, "body"), one);
  EXPECT_NE(signature("secret", 2, "body"), one);
  EXPECT_NE(signature("secret", 1, "Body"), one);
}

}  // namespace
}  // namespace weir::notify
