#include "scale/combine.h"

#include <algorithm>

namespace weir::scale {

Wish combine(std::span<const Decision> decisions, std::uint32_t desired) {
  const Decision* out = nullptr;
  const Decision* in = nullptr;
  const Decision* objection = nullptr;
  for (const Decision& d : decisions) {
    if (d.desired && *d.desired > desired) {
      if (!out || *d.desired > *out->desired) out = &d;
    } else if (d.desired && *d.desired < desired) {
      if (!in || *d.desired > *in->desired) in = &d;
    } else if (d.blocks_scale_in && !objection) {
      objection = &d;
    }
  }
  if (out) return {*out->desired, out->reason};
  if (objection) return {desired, objection->reason};
  if (in) {
    Wish wish{*in->desired, in->reason};
    for (const Decision& d : decisions) {
      if (d.floor && std::min(*d.floor, desired) > wish.desired) {
        wish = {std::min(*d.floor, desired), d.reason};
      }
    }
    return wish;
  }
  return {desired, decisions.empty() ? std::string() : decisions.front().reason};
}

}  // namespace weir::scale
