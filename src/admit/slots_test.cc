#include "admit/slots.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace weir::admit {
namespace {

TEST(Slots, AreTakenUpToTheirNumberAndAgainAfterRelease) {
  Load load;
  EXPECT_TRUE(take_slot(load, 2));
  EXPECT_TRUE(take_slot(load, 2));
  EXPECT_FALSE(take_slot(load, 2));
  release_slot(load);
  EXPECT_TRUE(take_slot(load, 2));
}

TEST(Slots, AreUnlimitedWhereTheirNumberIsZero) {
  Load load;
  for (int n = 0; n < 1000; ++n) EXPECT_TRUE(take_slot(load, 0));
  EXPECT_EQ(load.in_flight, 1000u);
}

TEST(Slots, RefuseWhereALowerNumberCameWithAReload) {
  Load load;
  for (int n = 0; n < 8; ++n) take_slot(load, 8);
  EXPECT_FALSE(take_slot(load, 2));
}

TEST(Slots, AreNeverTakenTwiceByWorkersThatRace) {
  Load load;
  std::atomic<std::uint32_t> holding{0}, most{0};
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&] {
      for (int n = 0; n < 20000; ++n) {
        if (!take_slot(load, 3)) continue;
        const std::uint32_t now = ++holding;
        std::uint32_t seen = most;
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        --holding;
        release_slot(load);
      }
    });
  }
  for (auto& worker : workers) worker.join();

  EXPECT_LE(most, 3u);
  EXPECT_EQ(load.in_flight, 0u);
}

}  // namespace
}  // namespace weir::admit
