#include "scale/victim.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "scale/termination.h"

namespace weir::scale {
namespace {

enum Rank { cannot_start, starting, unhealthy, outdated, serving };

Rank rank(const InstanceFacts& i) {
  if (coming(i.state)) return i.waiting_for.empty() ? starting : cannot_start;
  if (!i.healthy) return unhealthy;
  return i.outdated == Cause::none ? serving : outdated;
}

// Those that are to be compared: the first rank that there is, of it the fullest zone.
std::vector<std::size_t> candidates(std::span<const InstanceFacts> all,
                                    const std::vector<std::size_t>& left,
                                    const std::map<std::string, std::size_t>& zones) {
  const auto first = std::min_element(left.begin(), left.end(),
                                      [&](auto a, auto b) { return rank(all[a]) < rank(all[b]); });
  const Rank lowest = rank(all[*first]);
  std::vector<std::size_t> result;
  std::size_t fullest = 0;
  for (const std::size_t i : left) {
    if (rank(all[i]) != lowest) continue;
    if (lowest == serving) fullest = std::max(fullest, zones.at(all[i].zone));
    result.push_back(i);
  }
  if (lowest == serving) {
    std::erase_if(result, [&](std::size_t i) { return zones.at(all[i].zone) < fullest; });
  }
  return result;
}

struct Chosen {
  std::size_t index;
  std::string by;  // the criterion that told it from the others
};

Chosen choose(std::span<const InstanceFacts> all, std::vector<std::size_t> left,
              const std::vector<Criterion>& by, Time now) {
  const Criterion* decided = nullptr;
  for (const Criterion& criterion : by) {
    double least = criterion.key(all[left.front()], now);
    for (const std::size_t i : left) least = std::min(least, criterion.key(all[i], now));
    const std::size_t before = left.size();
    std::erase_if(left, [&](std::size_t i) { return criterion.key(all[i], now) > least; });
    if (left.size() < before) decided = &criterion;
    if (left.size() == 1) break;
  }
  const std::size_t index = *std::min_element(
      left.begin(), left.end(), [&](auto a, auto b) { return all[a].id < all[b].id; });
  if (!decided) decided = &by.front();
  return {index, decided->reason(all[index], now)};
}

std::optional<Chosen> first_named(std::span<const InstanceFacts> all,
                                  const std::vector<std::size_t>& left,
                                  std::span<const std::string> named) {
  for (const std::string& id : named) {
    for (const std::size_t i : left) {
      if (all[i].id == id) return Chosen{i, "the termination command named it"};
    }
  }
  return std::nullopt;
}

std::string reason(const InstanceFacts& i, const std::string& by, bool by_zone) {
  switch (rank(i)) {
    case cannot_start:
      return "it had not been started: " + i.waiting_for;
    case starting:
      return "it was still starting";
    case unhealthy:
      return "it was unhealthy";
    case outdated:
      return "it was to be replaced";
    case serving:
      break;
  }
  return by_zone ? fmt::format("{}, in the zone with most instances, {}", by, i.zone) : by;
}

}  // namespace

std::vector<Victim> choose_victims(std::span<const InstanceFacts> instances, std::size_t count,
                                   std::span<const std::string> policies, Time now,
                                   std::span<const std::string> named) {
  std::vector<std::size_t> left;
  std::map<std::string, std::size_t> zones;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (!counts(instances[i].state) || instances[i].exited) continue;
    if (instances[i].ends_at) continue;  // it goes anyway
    if (!instances[i].is_protected) left.push_back(i);
    if (instances[i].state == Lifecycle::in_service) ++zones[instances[i].zone];
  }
  const bool mixed = std::ranges::any_of(
      instances, [](const InstanceFacts& i) { return !i.launch_template.empty(); });
  std::vector<Criterion> by = criteria(policies, mixed);
  if (by.size() <= (mixed ? 1u : 0u)) {
    by = criteria(std::vector<std::string>{"least_work"}, mixed);
  }

  std::vector<Victim> victims;
  while (victims.size() < count && !left.empty()) {
    const std::vector<std::size_t> able = candidates(instances, left, zones);
    const auto first = first_named(instances, able, named);
    const Chosen chosen = first.value_or(choose(instances, able, by, now));
    const InstanceFacts& victim = instances[chosen.index];
    victims.push_back({chosen.index, reason(victim, chosen.by, zones.size() > 1),
                       rank(victim) == serving, first.has_value()});
    if (victim.state == Lifecycle::in_service) --zones[victim.zone];
    std::erase(left, chosen.index);
  }
  return victims;
}

}  // namespace weir::scale
