// Method: one way to say what a load will be. Pure: the same history, the same forecast.
//
// To add one: NAME.cc with a class and a function that makes it, and a line in methods.def. The
// contract test (method_test.cc) covers it from then on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "forecast/history.h"

namespace weir::forecast {

// Lives on one thread, with the History it is fed from.
class Method {
 public:
  virtual ~Method() = default;
  // To be called after each step that went into the history.
  virtual void update(const History&) {}
  // The value `lead` steps (at least 1) after the last one; at least 0. Nothing where the history
  // does not suffice.
  virtual std::optional<double> forecast(const History& history, std::uint32_t lead) const = 0;
};

// All names, sorted.
std::vector<std::string_view> method_names();

// One of each, in the order of their names, for histories of so many steps a day.
std::vector<std::unique_ptr<Method>> make_methods(std::uint32_t day);

}  // namespace weir::forecast
