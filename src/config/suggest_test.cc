#include "config/suggest.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("bind", "bind"), 0u);
  EXPECT_EQ(edit_distance("bnd", "bind"), 1u);
  EXPECT_EQ(edit_distance("biind", "bind"), 1u);
  EXPECT_EQ(edit_distance("bund", "bind"), 1u);
  EXPECT_EQ(edit_distance("bnid", "bind"), 1u);
  EXPECT_EQ(edit_distance("", "bind"), 4u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Closest, IgnoresCaseAndSeparators) {
  EXPECT_EQ(closest("healthCheck", {"queue", "health_check"}), "health_check");
  EXPECT_EQ(closest("max-in-flight", {"max_in_flight"}), "max_in_flight");
}

TEST(Closest, TakesTheStartOfAWordIfOnlyOneFits) {
  EXPECT_EQ(closest("warning", {"info", "warn"}), "warn");
  EXPECT_EQ(closest("cpu", {"cpu_percent", "memory_percent"}), "cpu_percent");
  EXPECT_EQ(closest("latency", {"latency_p50", "latency_p99"}), std::nullopt);
}

TEST(Closest, KeepsSilentWhenNothingIsNear) {
  EXPECT_EQ(closest("banana", {"bind", "rules"}), std::nullopt);
  EXPECT_EQ(closest("", {"a"}), std::nullopt);
  EXPECT_EQ(closest(std::string(1000, 'x'), {std::string(999, 'x')}), std::nullopt);
}

TEST(DidYouMean, ListsWhatThereIsWhenNothingIsNear) {
  EXPECT_EQ(did_you_mean("fuor", {"four", "two"}), "did you mean 'four'?");
  EXPECT_EQ(did_you_mean("banana", {"four", "two"}), "there are four, two");
  EXPECT_EQ(did_you_mean("banana", {"four"}), "there is only 'four'");
  EXPECT_EQ(did_you_mean("banana", {}), "there is none");
}

}  // namespace
}  // namespace weir::config
