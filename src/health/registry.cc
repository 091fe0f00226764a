#include "health/checker.h"

namespace weir::health {

#define CHECKER(name) std::unique_ptr<Checker> name(net::Reactor& reactor);
#include "health/checkers.def"
#undef CHECKER

namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Checker> (*make)(net::Reactor&);
};

constexpr Row kCheckers[] = {
#define CHECKER(name) {#name, &name},
#include "health/checkers.def"
#undef CHECKER
};

}  // namespace

std::unique_ptr<Checker> make_checker(std::string_view protocol, net::Reactor& reactor) {
  for (const Row& row : kCheckers) {
    if (row.name == protocol) return row.make(reactor);
  }
  return nullptr;
}

std::vector<std::string_view> checker_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kCheckers) names.push_back(row.name);
  return names;
}

std::string_view to_string(Answer::Result result) {
  switch (result) {
    case Answer::Result::passed:
      return "passed";
    case Answer::Result::failed:
      return "failed";
    case Answer::Result::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace weir::health
