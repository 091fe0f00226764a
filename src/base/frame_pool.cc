#include "base/frame_pool.h"

#include <array>
#include <cstdint>
#include <new>

namespace weir {
namespace {

// Blocks of 16 n + 8 bytes, as glibc's allocator has them: an idle connection is three frames.
constexpr std::size_t kStep = 16;
constexpr std::size_t kLeast = 8;
constexpr std::size_t kClasses = 256;         // up to 4 KiB
constexpr std::uint32_t kKeepPerClass = 256;  // more go back to the allocator

struct Block {
  Block* next;
};
static_assert(sizeof(Block) <= kLeast);

constexpr std::size_t class_of(std::size_t size) {
  return size <= kLeast ? 0 : (size - kLeast + kStep - 1) / kStep;
}

// Trivial, so that using them costs no check whether the thread has made them yet.
struct FreeLists {
  std::array<Block*, kClasses> head;
  std::array<std::uint32_t, kClasses> count;
  bool open;  // blocks are kept: set with the thread's first block, until its end
  bool over;
};
constinit thread_local FreeLists lists{};

// Empties them at the end of the thread.
struct Closer {
  Closer() { lists.open = true; }
  ~Closer() {
    lists.open = false;
    lists.over = true;
    for (Block* list : lists.head) {
      while (list) {
        Block* next = list->next;
        ::operator delete(list);
        list = next;
      }
    }
  }
};
void open_lists() { thread_local Closer closer; }

// Under a sanitizer each frame must be its own allocation, or a use after free goes unseen.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kPooled = false;
#else
constexpr bool kPooled = true;
#endif

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (kPooled && index < kClasses && lists.open) {
    if (Block* block = lists.head[index]) {
      lists.head[index] = block->next;
      --lists.count[index];
      return block;
    }
  } else if (kPooled && !lists.over) {
    open_lists();
  }
  return ::operator new(index * kStep + kLeast);
}

void free_frame(void* block, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (kPooled && index < kClasses && lists.open && lists.count[index] < kKeepPerClass) {
    lists.head[index] = new (block) Block{lists.head[index]};
    ++lists.count[index];
    return;
  }
  ::operator delete(block);
}

}  // namespace weir
