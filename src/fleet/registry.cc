#include <fmt/core.h>

#include "fleet/provider.h"

namespace weir::fleet {

using Made = Result<std::unique_ptr<Provider>>;

#define PROVIDER(name) Made make_##name(Surroundings surroundings);
#include "fleet/providers.def"
#undef PROVIDER

namespace {

struct Row {
  std::string_view name;
  Made (*make)(Surroundings);
};

constexpr Row kProviders[] = {
#define PROVIDER(name) {#name, &make_##name},
#include "fleet/providers.def"
#undef PROVIDER
};

}  // namespace

Made make_provider(std::string_view name, Surroundings surroundings) {
  std::string known;
  for (const Row& row : kProviders) {
    if (row.name == name) return row.make(std::move(surroundings));
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(Code::invalid, fmt::format("unknown provider '{}'; there are: {}", name, known));
}

}  // namespace weir::fleet
