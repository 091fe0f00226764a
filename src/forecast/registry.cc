#include "forecast/method.h"

namespace weir::forecast {

#define METHOD(name) std::unique_ptr<Method> name(std::uint32_t day);
#include "forecast/methods.def"
#undef METHOD

namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Method> (*make)(std::uint32_t day);
};

constexpr Row kMethods[] = {
#define METHOD(name) {#name, &name},
#include "forecast/methods.def"
#undef METHOD
};

}  // namespace

std::vector<std::string_view> method_names() {
  std::vector<std::string_view> names;
  for (const Row& row : kMethods) names.push_back(row.name);
  return names;
}

std::vector<std::unique_ptr<Method>> make_methods(std::uint32_t day) {
  std::vector<std::unique_ptr<Method>> methods;
  for (const Row& row : kMethods) methods.push_back(row.make(day));
  return methods;
}

}  // namespace weir::forecast
