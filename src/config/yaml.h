// YAML to Node and back. yaml-cpp stays inside yaml.cc; its exceptions become findings. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/mistake.h"
#include "config/node.h"

namespace weir::config {

// One document. A syntax error gives a null node and a finding; a key that occurs twice in a map
// gives a finding and keeps the first. Anchors, aliases and `<<` merges are expanded, up to
// kMostNodes nodes (64 bytes of text count as one) and kDeepest levels.
inline constexpr std::size_t kMostNodes = 1'000'000;
inline constexpr int kDeepest = 64;
Node parse_yaml(std::string_view text, std::uint32_t file, Findings& findings);

// Readable block form; short leaves on one line. Reads back to an equal node.
std::string write_yaml(const Node& node);
// On one line, for messages and differences: {length: 500, timeout: 30s}.
std::string write_yaml_inline(const Node& node);

}  // namespace weir::config
