// PathIndex: finds the rules whose path could match, without looking at the others: by the exact
// path, or by the text before the first wildcard.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "route/pattern.h"

namespace weir::route {

// Rules by their place in the order of priority: the lower the number, the earlier it is asked.
using RuleList = std::vector<std::uint32_t>;  // ascending

// Hashes of a path and of its beginnings, made once per request.
class PathHashes {
 public:
  static constexpr std::size_t kLongest = 64;  // a longer literal prefix is indexed by its start

  explicit PathHashes(std::string_view path);
  std::uint64_t whole() const { return whole_; }
  std::size_t longest() const { return longest_; }
  std::uint64_t prefix(std::size_t length) const { return prefix_[length]; }

 private:
  std::uint64_t whole_;
  std::size_t longest_;
  std::array<std::uint64_t, kLongest + 1> prefix_;
};

// Any thread once built.
class PathIndex {
 public:
  // Rules must be added in ascending order. No pattern means any path.
  void add(std::uint32_t rule, const std::vector<Pattern>& paths);

  // Calls visit(list) for each list of rules that could match; the caller checks them in full
  // (equal hashes are taken for equal paths here).
  template <class Visit>
  void candidates(const PathHashes& path, Visit visit) const {
    if (const auto at = exact_.find(path.whole()); at != exact_.end()) visit(at->second);
    for (const auto& [length, lists] : prefixes_) {
      if (length > path.longest()) break;
      if (const auto at = lists.find(path.prefix(length)); at != lists.end()) visit(at->second);
    }
    if (!anywhere_.empty()) visit(anywhere_);
  }

 private:
  using Lists = std::unordered_map<std::uint64_t, RuleList>;

  Lists& of_length(std::size_t length);

  Lists exact_;
  std::vector<std::pair<std::size_t, Lists>> prefixes_;  // by ascending length, from 0
  RuleList anywhere_;                                    // of rules without a path
};

}  // namespace weir::route
