// PrefixCache: which blocks of earlier inputs an inference server still holds, so that it need not
// compute them again. The least recently used goes first, as in vLLM's automatic prefix caching.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

namespace weir::simulate {

// Not for several threads at once.
class PrefixCache {
 public:
  // In blocks; 0 holds nothing.
  explicit PrefixCache(std::size_t capacity) : capacity_(capacity) {}

  // How many blocks of this input are there, from its begin on without a gap. All of them are held
  // afterwards, the first ones the longest.
  std::size_t take(std::span<const std::uint64_t> blocks);
  std::size_t size() const { return order_.size(); }

 private:
  std::size_t capacity_;
  std::list<std::uint64_t> order_;  // the most recently used first
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> places_;
};

}  // namespace weir::simulate
