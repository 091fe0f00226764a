// Frames: recycled memory for coroutine frames, by size class, one free list a thread.
#pragma once

#include <cstddef>

namespace weir {

// Any thread; a block may be freed on another thread than it came from.
void* allocate_frame(std::size_t size);
void free_frame(void* block, std::size_t size) noexcept;

}  // namespace weir
