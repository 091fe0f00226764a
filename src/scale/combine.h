// combine: several policies' decisions become one wish, as in EC2: out if any wants out (the
// largest), in only if all that may object want in (then the largest, too, and no lower than the
// floor of any).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "scale/policy.h"

namespace weir::scale {

struct Wish {
  std::uint32_t desired;
  std::string reason;  // of the policy that decided; of the one that holds when nothing changes
};

Wish combine(std::span<const Decision> decisions, std::uint32_t desired);

}  // namespace weir::scale
