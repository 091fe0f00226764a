#include <fmt/format.h>

#include "balance/draft.h"

namespace weir::balance {

#define ALGORITHM(name) PlanResult name(const Draft&);
#include "balance/algorithms.def"
#undef ALGORITHM

namespace {

struct Row {
  std::string_view name;
  PlanResult (*make)(const Draft&);
};

constexpr Row kAlgorithms[] = {
#define ALGORITHM(name) {#name, &name},
#include "balance/algorithms.def"
#undef ALGORITHM
};

}  // namespace

PlanResult make_plan(const Algorithm& algorithm,
                     std::span<const std::shared_ptr<const Endpoint>> endpoints,
                     const std::shared_ptr<const PlanBase>& before) {
  for (const Row& row : kAlgorithms) {
    if (row.name == algorithm.name) return row.make(Draft{algorithm, endpoints, before});
  }
  return fail(Code::invalid, fmt::format("unknown balancing algorithm '{}'", algorithm.name));
}

std::vector<std::string_view> algorithm_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kAlgorithms) names.push_back(row.name);
  return names;
}

}  // namespace weir::balance
