// reference: scaling policies of others, re-made after their documents or sources, to compare
// weir's own with. They exist here alone: no configuration reaches them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "simulate/world.h"

namespace weir::simulate {

struct Setting {
  double target;                        // utilisation of an instance, above 0
  double start_seconds;                 // for those that are told
  const Trace& trace;                   // for those that know the past
  const std::vector<double>& arrivals;  // for those that know the future
  std::size_t unscored = 0;             // minutes of them
};

struct Reference {
  std::string_view name;
  bool has_target;   // else Setting::target is without meaning
  bool clairvoyant;  // no policy, but a bound on all
  std::unique_ptr<Scaler> (*make)(const Setting&);
};

// Sorted by name.
const std::vector<Reference>& references();

}  // namespace weir::simulate
