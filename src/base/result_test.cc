#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace weir {
namespace {

Result<int> parse_digit(char c) {
  if (c < '0' || c > '9') return fail(Code::invalid, "not a digit");
  return c - '0';
}

Result<> check_even(int n) {
  if (n % 2 != 0) return fail(Code::conflict, "odd");
  return {};
}

Result<std::unique_ptr<int>> even_digit(char c) {
  TRY(const int digit, parse_digit(c));
  TRY_VOID(check_even(digit));
  return std::make_unique<int>(digit);
}

TEST(Result, CarriesAValueThatCannotBeCopied) { EXPECT_EQ(**even_digit('4'), 4); }

TEST(Result, ReturnsTheFirstError) {
  EXPECT_EQ(even_digit('x').error().message, "not a digit");
  EXPECT_EQ(even_digit('3').error().code, Code::conflict);
}

TEST(Result, TakesEachLayersContext) {
  const Result<> outer = fail("listener 'public'", Error(Code::not_found, "no certificate"));

  EXPECT_EQ(outer.error().message, "listener 'public': no certificate");
  EXPECT_EQ(outer.error().code, Code::not_found);
}

}  // namespace
}  // namespace weir
