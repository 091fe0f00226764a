#include "base/frame_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace weir {
namespace {

TEST(FramePool, GivesDistinctWritableBlocksOfEachSize) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  std::set<void*> distinct;
  for (std::size_t size = 1; size < 6000; size += 37) {
    auto* block = static_cast<unsigned char*>(allocate_frame(size));
    std::memset(block, static_cast<int>(size % 251), size);
    blocks.emplace_back(block, size);
    distinct.insert(block);
  }

  EXPECT_EQ(distinct.size(), blocks.size());
  for (auto [block, size] : blocks) {
    EXPECT_EQ(block[0], size % 251);
    EXPECT_EQ(block[size - 1], size % 251);
    free_frame(block, size);
  }
}

TEST(FramePool, TakesABlockBackOnAnotherThread) {
  void* block = allocate_frame(200);

  std::thread([block] {
    free_frame(block, 200);
    void* again = allocate_frame(200);
    std::memset(again, 1, 200);
    free_frame(again, 200);
  }).join();

  void* mine = allocate_frame(200);
  std::memset(mine, 2, 200);
  free_frame(mine, 200);
}

TEST(FramePool, KeepsAtMostWhatItMay) {
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(allocate_frame(128));
  for (void* block : blocks) free_frame(block, 128);

  std::set<void*> distinct;
  for (int i = 0; i < 2000; ++i) distinct.insert(allocate_frame(128));

  EXPECT_EQ(distinct.size(), 2000u);
  for (void* block : distinct) free_frame(block, 128);
}

}  // namespace
}  // namespace weir
