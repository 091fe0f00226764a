#include "model/desired_fields.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace weir {
namespace {

TEST(Describe, KnowsAKeyByItsPathItsEndAndItsName) {
  const auto by_path = describe("target_groups.ocr.queue.timeout");
  ASSERT_TRUE(by_path.has_value());
  EXPECT_NE(by_path->find("duration, default 1m"), std::string::npos);
  EXPECT_EQ(describe("queue.timeout"), by_path);
  EXPECT_TRUE(describe("max_in_flight").has_value());
  EXPECT_TRUE(describe("listeners.public.rules[2].match.path").has_value());
  EXPECT_TRUE(describe("listeners.public.default.respond.status").has_value());
  EXPECT_TRUE(describe("target_groups.ocr.algorithm.ring_hash.points").has_value());
  EXPECT_TRUE(describe("scaling_groups.ocr.policies.target_tracking.metric").has_value());
  EXPECT_EQ(describe("no_such_key"), std::nullopt);
  EXPECT_EQ(describe(""), std::nullopt);
}

TEST(Describe, ListsTheKeysBelowASection) {
  const auto text = describe("queue");

  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find(".length (1000): "), std::string::npos);
}

// WEIR_WRITE=1 writes the file anew.
TEST(ConfigReference, IsUpToDate) {
  const std::string path = std::string(WEIR_SOURCE) + "/docs/reference/config.md";
  if (std::getenv("WEIR_WRITE") != nullptr) std::ofstream(path) << config_reference();

  std::ostringstream text;
  text << std::ifstream(path).rdbuf();

  EXPECT_TRUE(text.str() == config_reference())
      << path << " is out of date: run WEIR_WRITE=1 model_test --gtest_filter='ConfigReference*'";
}

}  // namespace
}  // namespace weir
