#include "series/library.h"

#include <algorithm>
#include <utility>

namespace weir::series {

bool Library::add(const std::string& name, Span span, Time at, double value, double count) {
  auto found = tracks_.find(name);
  if (found == tracks_.end()) {
    Track fresh(span);
    const std::size_t bytes = fresh.bytes() + name.size();
    if (bytes_ + bytes > most_) {
      ++refused_;
      return false;
    }
    bytes_ += bytes;
    found = tracks_.emplace(name, std::move(fresh)).first;
  }
  const std::size_t before = found->second.bytes();
  found->second.add(at, value, count);
  bytes_ += found->second.bytes() - before;
  return true;
}

const Track* Library::find(const std::string& name) const {
  const auto found = tracks_.find(name);
  return found == tracks_.end() ? nullptr : &found->second;
}

std::vector<std::string> Library::names(std::string_view prefix) const {
  std::vector<std::string> all;
  for (auto it = tracks_.lower_bound(prefix); it != tracks_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    all.push_back(it->first);
  }
  return all;
}

std::vector<Library::Minute> Library::close_minute(Time end, WallTime begin) {
  std::vector<Minute> means;
  for (auto it = tracks_.begin(); it != tracks_.end();) {
    Track& track = it->second;
    if (const auto mean = track.mean_of_minute(end)) {
      if (track.span().minutes > 0) {
        track.add_minute(begin, *mean);
      } else {
        means.push_back({it->first, *mean});
      }
    }
    const Duration kept = std::max<Duration>(std::chrono::seconds(track.span().seconds),
                                             std::chrono::minutes(track.span().minutes));
    if (track.last() && end - *track.last() <= kept) {
      ++it;
      continue;
    }
    bytes_ -= track.bytes() + it->first.size();
    it = tracks_.erase(it);
  }
  return means;
}

}  // namespace weir::series
