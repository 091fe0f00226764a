// What step() knows of a mix: its pools as they are, and how the termination policies see it.
#include "scale/pass.h"

namespace weir::scale {

std::vector<Pool> pools(const Pass& p) {
  const auto& templates = p.options.mix->templates;
  std::vector<Pool> result(templates.size());
  for (std::size_t i = 0; i < templates.size(); ++i) {
    if (i < p.facts.pools.size()) result[i].room = p.facts.pools[i].room;
    result[i].troubles = p.memory.troubles.count(templates[i].name, p.now());
    result[i].living = static_cast<std::uint32_t>(std::count_if(
        p.facts.instances.begin(), p.facts.instances.end(), [&](const InstanceFacts& one) {
          return Pass::live(one) && one.launch_template == templates[i].name;
        }));
  }
  return result;
}

// Instances of before there was a mix, or of a template that it has no more, are of no side.
std::vector<Share> launches(const Pass& p, std::uint32_t missing) {
  const std::vector<Pool> now = pools(p);
  return choose_launches(*p.options.mix, now, living_units(*p.options.mix, now) + missing);
}

void rank_for_leaving(Pass& p, std::uint32_t desired) {
  const auto& templates = p.options.mix->templates;
  const auto order = leaving_order(*p.options.mix, pools(p), desired);
  for (InstanceFacts& i : p.facts.instances) {
    i.order = {};  // of a template that the mix has no more: it goes first
    i.order.rank = -1;
    for (std::size_t t = 0; t < templates.size(); ++t) {
      if (templates[t].name == i.launch_template) i.order = order[t];
    }
  }
}

}  // namespace weir::scale
