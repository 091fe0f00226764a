// Shelf: the AWS resources of one kind that a tenant has, by their key (an ARN, an id, a name).
//
// Copying a shelf is cheap: what it holds is shared and never changes. Lives on the control thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"

namespace weir::amazon {

// A resource: the model's own struct, as Describe answers it, and what AWS keeps beside it.
template <class T>
struct Kept {
  T value{};
  std::map<std::string, std::string> attributes{};  // those that were set; the rest is default
  std::map<std::string, std::string> tags{};
  WallTime made{};
};

template <class T>
class Shelf {
 public:
  using Value = T;
  using Items = std::map<std::string, std::shared_ptr<const Kept<T>>>;

  const Kept<T>* find(const std::string& key) const {
    const auto found = items_.find(key);
    return found == items_.end() ? nullptr : found->second.get();
  }
  bool contains(const std::string& key) const { return items_.contains(key); }
  void put(std::string key, Kept<T> kept) {
    items_[std::move(key)] = std::make_shared<const Kept<T>>(std::move(kept));
  }
  // The one that is there, to be changed; the pointer is good until the shelf is copied or put to.
  Kept<T>* edit(const std::string& key) {
    const auto found = items_.find(key);
    if (found == items_.end()) return nullptr;
    auto copy = std::make_shared<Kept<T>>(*found->second);
    Kept<T>* changed = copy.get();
    found->second = std::move(copy);
    return changed;
  }
  bool erase(const std::string& key) { return items_.erase(key) > 0; }

  // Pairs of key and pointer, by key.
  const Items& items() const { return items_; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }

 private:
  Items items_;
};

}  // namespace weir::amazon
