#include "control/ownership.h"

namespace weir::control {
Desired Ownership::merge(const Desired& now, const Desired& file, const std::string& origin,
                         bool served) const {
  Desired next = served ? file : now;
  next.simulation = {};  // nothing of a running weir
  for_each_kind([&](const char* kind, auto part) {
    next.*part = file.*part;
    for (const auto& [name, value] : now.*part) {
      if (owner(kind, name) != origin) (next.*part).emplace(name, value);
    }
  });
  return next;
}

void Ownership::update(const Desired& next, const Desired& file, const std::string& origin) {
  for_each_kind([&](const char* kind, auto part) {
    for (const auto& [name, value] : file.*part) owners_[{kind, name}] = origin;
  });
  std::map<std::pair<std::string, std::string>, std::string> left;
  for_each_kind([&](const char* kind, auto part) {
    for (const auto& [name, value] : next.*part) {
      const auto known = owners_.find({kind, name});
      if (known != owners_.end()) left.insert(*known);
    }
  });
  owners_ = std::move(left);
}

void Ownership::note(const std::string& kind, const std::string& name, const std::string& origin) {
  owners_[{kind, name}] = origin;
}

std::string Ownership::owner(const std::string& kind, const std::string& name) const {
  const auto known = owners_.find({kind, name});
  return known == owners_.end() ? "" : known->second;
}

}  // namespace weir::control
