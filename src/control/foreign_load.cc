#include "control/foreign_load.h"

#include <algorithm>

namespace weir::control {

void ForeignLoad::change(Held& held, std::uint32_t to) {
  // Unsigned: adding the difference takes away where it is negative.
  const std::uint32_t difference = to - held.count;
  held.load->in_flight.fetch_add(difference, std::memory_order_seq_cst);
  held.group->in_flight.fetch_add(difference, std::memory_order_seq_cst);
  held.count = to;
}

std::set<std::string> ForeignLoad::set(const Snapshot& snapshot,
                                       const std::vector<ForeignCount>& counts) {
  std::set<std::string> relieved;
  std::map<std::pair<std::string, std::string>, std::uint32_t> wanted;
  for (const ForeignCount& one : counts) wanted[{one.group, one.address}] = one.in_flight;
  for (auto& [key, held] : held_) {
    const auto found = wanted.find(key);
    const std::uint32_t to = found == wanted.end() ? 0 : found->second;
    if (to < held.count) relieved.insert(key.first);
    change(held, to);
    if (found != wanted.end()) wanted.erase(found);
  }
  std::erase_if(held_, [](const auto& row) { return row.second.count == 0; });
  for (const auto& [key, count] : wanted) {
    const Group* group = snapshot.group(key.first);
    if (!group || count == 0) continue;
    const auto endpoint = std::find_if(group->endpoints.begin(), group->endpoints.end(),
                                       [&](const auto& e) { return e->address == key.second; });
    if (endpoint == group->endpoints.end()) continue;
    Held held{(*endpoint)->load, group->load, 0};
    change(held, count);
    held_.emplace(key, std::move(held));
  }
  return relieved;
}

std::uint32_t ForeignLoad::total() const {
  std::uint32_t sum = 0;
  for (const auto& [key, held] : held_) sum += held.count;
  return sum;
}

}  // namespace weir::control
