#include "route/path_index.h"

#include <algorithm>

#include "base/hash.h"

namespace weir::route {
namespace {

void append_once(RuleList& list, std::uint32_t rule) {
  if (list.empty() || list.back() != rule) list.push_back(rule);
}

}  // namespace

PathHashes::PathHashes(std::string_view path)
    : whole_(hash(path)), longest_(std::min(path.size(), kLongest)) {
  prefix_[0] = 0xcbf29ce484222325u;  // FNV-1a, so that each prefix's hash extends the last
  for (std::size_t i = 0; i < longest_; ++i) {
    prefix_[i + 1] = (prefix_[i] ^ static_cast<unsigned char>(path[i])) * 0x100000001b3u;
  }
}

void PathIndex::add(std::uint32_t rule, const std::vector<Pattern>& paths) {
  if (paths.empty()) return append_once(anywhere_, rule);
  for (const Pattern& path : paths) {
    if (path.is_literal()) {
      append_once(exact_[hash(path.text())], rule);
    } else {
      const PathHashes prefix(path.literal_prefix());
      append_once(of_length(prefix.longest())[prefix.prefix(prefix.longest())], rule);
    }
  }
}

PathIndex::Lists& PathIndex::of_length(std::size_t length) {
  auto at = std::lower_bound(prefixes_.begin(), prefixes_.end(), length,
                             [](const auto& entry, std::size_t l) { return entry.first < l; });
  if (at == prefixes_.end() || at->first != length) at = prefixes_.insert(at, {length, Lists{}});
  return at->second;
}

}  // namespace weir::route
