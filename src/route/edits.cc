#include "route/edits.h"

#include <algorithm>

#include "route/placeholders.h"

namespace weir::route {

Edits::Edits(const HeaderEdits& first, const HeaderEdits& second) {
  append(first);
  append(second);
}

void Edits::append(const HeaderEdits& edits) {
  for (const std::string& name : edits.remove) steps_.push_back({name, "", true, false});
  for (const auto& [name, value] : edits.set) steps_.push_back({name, value, true, true});
  for (const auto& [name, value] : edits.add) steps_.push_back({name, value, false, true});
}

EditedLines Edits::apply(std::span<const HeaderView> lines, const RequestView& request) const {
  EditedLines out;
  out.list.assign(lines.begin(), lines.end());
  out.made.reserve(steps_.size());  // views point into it
  for (const Step& step : steps_) {
    if (step.drops) {
      std::erase_if(out.list, [&](const HeaderView& line) {
        return equal_ignoring_case(line.name, step.name);
      });
    }
    if (!step.writes) continue;
    out.made.push_back(filled(step.value, request));
    out.list.push_back({step.name, out.made.back()});
  }
  return out;
}

}  // namespace weir::route
