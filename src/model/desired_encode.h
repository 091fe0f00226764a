// desired_encode: Desired as text, and the difference of two. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "model/desired.h"

namespace weir {

// Readable YAML without defaults; loads back to an equal value.
std::string export_yaml(const Desired& desired);
// The same as JSON; `in_full` writes defaults too.
std::string export_json(const Desired& desired, bool in_full = false);

// One change for `weir plan`: a whole resource that comes or goes, or one key.
struct Difference {
  std::string path;    // target_groups.ocr.queue.timeout
  std::string before;  // empty: was not there
  std::string after;   // empty: goes
  bool operator==(const Difference&) const = default;
};
std::vector<Difference> differences(const Desired& from, const Desired& to);

}  // namespace weir
