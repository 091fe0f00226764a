// JSON to Node and back. nlohmann::json stays inside json.cc; its exceptions become findings.
//
// Nodes from JSON carry no lines: messages about an API body name the path alone. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/mistake.h"
#include "config/node.h"

namespace weir::config {

// Syntax errors name line and column; a key that occurs twice is a finding and keeps the first.
Node parse_json(std::string_view text, std::uint32_t file, Findings& findings);

// Bare scalars that JSON knows (numbers, true, false) stay bare, all others become strings.
// indent < 0: on one line.
std::string write_json(const Node& node, int indent = 2);

}  // namespace weir::config
