#include "scale/mix.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace weir::scale {
namespace {

struct Units {
  std::uint64_t on_demand = 0;
  std::uint64_t spot = 0;
  std::uint64_t all() const { return on_demand + spot; }
};

Units living(const Mix& mix, std::span<const Pool> pools) {
  Units units;
  for (std::size_t i = 0; i < mix.templates.size(); ++i) {
    const std::uint64_t here = std::uint64_t{pools[i].living} * mix.templates[i].weight;
    (mix.templates[i].spot ? units.spot : units.on_demand) += here;
  }
  return units;
}

double unit_price(const InstanceTemplate& one) { return one.price / one.weight; }

// The smaller is taken first.
std::tuple<double, double, std::size_t> preference(const Mix& mix, const Pool& pool,
                                                   std::size_t index) {
  const double price = unit_price(mix.templates[index]);
  if (mix.strategy == "lowest_price") return {price, 0, index};
  if (mix.strategy == "price_capacity_optimized") return {pool.troubles, price, index};
  return {0, 0, index};
}

// Of the side, the one to launch next; with room where there is one.
std::optional<std::size_t> first_choice(const Mix& mix, const std::vector<Pool>& pools, bool spot) {
  std::optional<std::size_t> best;
  const auto key = [&](std::size_t i) {
    const bool full = pools[i].room && *pools[i].room == 0;
    const bool paid = pools[i].living < mix.templates[i].reserved;
    return std::tuple(full, !paid, preference(mix, pools[i], i));
  };
  for (std::size_t i = 0; i < mix.templates.size(); ++i) {
    if (mix.templates[i].spot != spot) continue;
    if (!best || key(i) < key(*best)) best = i;
  }
  return best;
}

}  // namespace

Split split(const Mix& mix, std::uint32_t units) {
  const bool spot = std::ranges::any_of(mix.templates, &InstanceTemplate::spot);
  const bool on_demand =
      !std::ranges::all_of(mix.templates, [](const auto& one) { return one.spot; });
  if (!spot) return {units, 0};
  if (!on_demand) return {0, units};
  const std::uint32_t base = std::min(mix.on_demand_base, units);
  // Less a hair, so that 10 % of 70 is 7 and not 8.
  const double above = (units - base) * mix.on_demand_percentage / 100;
  const auto more = static_cast<std::uint32_t>(std::ceil(above - 1e-9));
  const std::uint32_t first = std::min(base + more, units);
  return {first, units - first};
}

std::uint32_t living_units(const Mix& mix, std::span<const Pool> pools) {
  return static_cast<std::uint32_t>(living(mix, pools).all());
}

std::vector<Share> choose_launches(const Mix& mix, std::span<const Pool> given,
                                   std::uint32_t desired) {
  std::vector<Pool> pools(given.begin(), given.end());
  const Split target = split(mix, desired);
  std::vector<Share> shares;
  for (Units units = living(mix, pools); units.all() < desired; units = living(mix, pools)) {
    // What one side has too much of, the other does not get: it is of use as it is.
    const bool spot = units.on_demand >= target.on_demand;
    auto index = first_choice(mix, pools, spot);
    if (!index) index = first_choice(mix, pools, !spot);
    if (!index) break;
    ++pools[*index].living;
    if (pools[*index].room && *pools[*index].room > 0) --*pools[*index].room;
    const auto known = std::ranges::find(shares, *index, &Share::index);
    if (known == shares.end()) {
      shares.push_back({*index, 1});
    } else {
      ++known->count;
    }
  }
  return shares;
}

std::optional<std::uint32_t> room(const Mix& mix, std::span<const Pool> pools) {
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < mix.templates.size(); ++i) {
    if (!pools[i].room) return std::nullopt;
    most = std::max(most, *pools[i].room * mix.templates[i].weight);
  }
  return most;
}

std::vector<LeavingOrder> leaving_order(const Mix& mix, std::span<const Pool> given,
                                        std::uint32_t desired) {
  const std::vector<Pool> pools(given.begin(), given.end());
  const Split target = split(mix, desired);
  const Units units = living(mix, pools);
  const auto surplus = [](std::uint64_t are, std::uint32_t wanted) {
    return static_cast<double>(are) - static_cast<double>(wanted);
  };
  const bool spot_first =
      surplus(units.spot, target.spot) >= surplus(units.on_demand, target.on_demand);

  std::vector<std::size_t> order(mix.templates.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const bool paid_a = pools[a].living <= mix.templates[a].reserved;
    const bool paid_b = pools[b].living <= mix.templates[b].reserved;
    if (paid_a != paid_b) return paid_b;
    return preference(mix, pools[a], a) > preference(mix, pools[b], b);
  });
  std::vector<LeavingOrder> result(mix.templates.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    result[order[rank]].rank = static_cast<double>(rank);
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].side = mix.templates[i].spot == spot_first ? 0 : 1;
  }
  return result;
}

const InstanceTemplate* find_template(const std::optional<Mix>& mix, std::string_view name) {
  if (!mix) return nullptr;
  const auto found = std::ranges::find(mix->templates, name, &InstanceTemplate::name);
  return found == mix->templates.end() ? nullptr : &*found;
}

}  // namespace weir::scale
