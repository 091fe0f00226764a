// manual: the explanation of each config key, out of the same tables that decode it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/type.h"

namespace weir::config {

// One key: `target_groups.NAME.queue.length`.
struct ManualEntry {
  std::string path;
  std::string type;
  std::string fallback;  // its default; empty: none
  std::string range;     // empty: any
  std::string text;
};

// All keys below `root`, in the order of the tables.
std::vector<ManualEntry> manual(const Type& root);

// What is known of a key: a whole path (`target_groups.ocr.queue`), the end of one
// (`queue.length`) or a single name. A key with keys below it lists them. nullopt: no such key.
std::optional<std::string> describe(const std::vector<ManualEntry>& manual, std::string_view key);

// The reference as Markdown, a section per top-level key.
std::string reference(const std::vector<ManualEntry>& manual);

}  // namespace weir::config
