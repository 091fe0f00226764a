#include <fmt/format.h>

#include <algorithm>

#include "scale/policy.h"

namespace weir::scale {

#define POLICY(name) Result<std::unique_ptr<Policy>> name(const weir::Policy&);
#include "scale/policies.def"
#undef POLICY

namespace {

struct Row {
  std::string_view kind;
  Result<std::unique_ptr<Policy>> (*make)(const weir::Policy&);
};

constexpr Row kPolicies[] = {
#define POLICY(name) {#name, &name},
#include "scale/policies.def"
#undef POLICY
};

}  // namespace

Decision wake(const GroupFacts& facts, std::uint32_t wanted) {
  return {std::max(wanted, 1u),
          fmt::format("{} {} waiting for group {} with no instance in service", facts.waiting,
                      facts.waiting == 1 ? "request was" : "requests were", facts.name),
          true};
}

Result<std::unique_ptr<Policy>> make_policy(const weir::Policy& options) {
  for (const Row& row : kPolicies) {
    if (row.kind == kind_of(options)) return row.make(options);
  }
  return fail(Code::invalid, "unknown scaling policy '" + std::string(kind_of(options)) + "'");
}

std::vector<std::string_view> policy_kinds() {
  std::vector<std::string_view> result;
  for (const Row& row : kPolicies) result.push_back(row.kind);
  return result;
}

}  // namespace weir::scale
