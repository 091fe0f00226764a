#include "fleet/gpus.h"

#include <gtest/gtest.h>

namespace weir::fleet {
namespace {

constexpr const char* kTwo =
    "0, GPU-8f6cbb1a-2f0f-4f33-9d55-000000000001, 37, 20390, 81559\n"
    "1, GPU-8f6cbb1a-2f0f-4f33-9d55-000000000002, 0, 3, 81559\n";

TEST(Gpus, AreALineEach) {
  const auto gpus = parse_gpus(kTwo);
  ASSERT_TRUE(gpus);
  ASSERT_EQ(gpus->size(), 2u);
  EXPECT_EQ((*gpus)[0].index, "0");
  EXPECT_EQ((*gpus)[0].uuid, "GPU-8f6cbb1a-2f0f-4f33-9d55-000000000001");
  EXPECT_EQ((*gpus)[0].busy_percent, 37);
  EXPECT_EQ((*gpus)[0].memory_mib, 20390u);
  EXPECT_NEAR((*gpus)[0].memory_percent.value(), 25.0, 0.01);
}

TEST(Gpus, MayNotTell) {
  const auto gpus = parse_gpus("0, GPU-1, [N/A], [Not Supported], 81559\r\n\n");
  ASSERT_TRUE(gpus);
  ASSERT_EQ(gpus->size(), 1u);
  EXPECT_FALSE((*gpus)[0].busy_percent);
  EXPECT_FALSE((*gpus)[0].memory_percent);
}

TEST(Gpus, OfNobodyAreNone) { EXPECT_TRUE(parse_gpus("")->empty()); }

TEST(Gpus, AreNotWhateverIsPrinted) {
  for (const char* bad : {"No devices were found", "0, GPU-1, 5, 6", "0, GPU-1, 5, 6, 7, 8",
                          ", GPU-1, 5, 6, 7", "0, GPU-1, 5 %, 6, 7", "0, GPU-1, -5, 6, 7",
                          "0, GPU-1, nan, 6, 7", "0, GPU-1, 1e400, 6, 7"}) {
    EXPECT_FALSE(parse_gpus(bad)) << bad;
  }
  EXPECT_EQ(parse_gpus("0, a, 1, 1, 1\nx\n").error().message,
            "line 2 does not name a device and its figures");
}

TEST(Gpus, OfAnInstanceAreAveraged) {
  const auto gpus = parse_gpus(kTwo);
  ASSERT_TRUE(gpus);
  EXPECT_EQ(use_of(*gpus, std::vector<std::string>{"0", "1"}).busy_percent, 18.5);
  EXPECT_EQ(use_of(*gpus, std::vector<std::string>{"1"}).busy_percent, 0);
  EXPECT_EQ(use_of(*gpus, std::vector<std::string>{"GPU-8f6cbb1a-2f0f-4f33-9d55-000000000001"})
                .busy_percent,
            37);
  EXPECT_FALSE(use_of(*gpus, std::vector<std::string>{"7"}).busy_percent);
}

}  // namespace
}  // namespace weir::fleet
