// Termination policies: the order in which instances go where several could. Pure.
//
// The names and their meaning are EC2's ("Work with Amazon EC2 Auto Scaling termination policies",
// user guide), in our spelling: default, oldest_instance, newest_instance, oldest_launch_template,
// closest_to_next_instance_hour, allocation_strategy; least_work is weir's own, and what a group
// has that names none. Each policy breaks the ties of the one before; what is equal in all goes by
// its id.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scale/facts.h"

namespace weir::scale {

// One thing that instances are compared by.
struct Criterion {
  double (*key)(const InstanceFacts&, Time now);  // the smaller goes first
  std::string (*reason)(const InstanceFacts&, Time now);
};

// Of a mix, before all others and as in EC2: the side (on demand or spot) that has too many; only
// there allocation_strategy tells anybody apart. Unknown names are left out.
std::vector<Criterion> criteria(std::span<const std::string> policies, bool mixed = false);

// All names, sorted.
std::vector<std::string> termination_policies();

}  // namespace weir::scale
