// Mixed instances: templates that are the same, shares that nobody can fill, prices in two places.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/reader.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

void check_shares(const Mix& mix, const Trail& where, Findings& findings) {
  const bool spot = std::ranges::any_of(mix.templates, &InstanceTemplate::spot);
  const bool on_demand =
      !std::ranges::all_of(mix.templates, [](const auto& one) { return one.spot; });
  if (spot && on_demand && mix.on_demand_percentage >= 100) {
    findings.add(where.enter("on_demand_percentage"), "leaves nothing to the spot templates",
                 "write a percentage below 100, or remove them");
  }
  if (!on_demand && mix.on_demand_base > 0) {
    findings.add(where.enter("on_demand_base"), "wants units on demand, and every template is spot",
                 "add a template without spot, or remove it");
  }
}

}  // namespace

void check_mix(const ScalingGroup& group, const Desired& desired, const Trail& where,
               Findings& findings) {
  if (!group.mix) return;
  const Trail here = where.enter("mix");
  const Trail templates = here.enter("templates");
  if (group.mix->templates.empty()) {
    findings.add(templates, "is empty", "write at least one: - { name: small, price: 0.5 }");
    return;
  }
  if (group.price > 0) {
    findings.add(where.enter("price"), "has no meaning beside a mix",
                 "write it into each of mix.templates");
  }
  if (group.spot) {
    findings.add(where.enter("spot"), "has no meaning beside a mix",
                 "write it into those of mix.templates that are spot");
  }
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < group.mix->templates.size(); ++i) {
    const InstanceTemplate& one = group.mix->templates[i];
    const auto [other, fresh] = names.emplace(one.name, i);
    if (!fresh) {
      findings.add(templates.item(i).enter("name"),
                   fmt::format("templates[{}] is called '{}' too", other->second, one.name),
                   "give each a name of its own");
    }
    if (findings.touched(where.enter("launch")) || one.launch == LaunchOverrides()) continue;
    check_launch(launch_of(group.launch, one.launch), desired, templates.item(i).enter("launch"),
                 findings);
  }
  check_shares(*group.mix, here, findings);
}

}  // namespace weir
