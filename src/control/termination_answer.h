// What a termination command has said. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::control {

// The ids of {"terminate": ["i-1", "i-2"]}, which is the last line of `output` that is not blank.
Result<std::vector<std::string>> parse_termination_answer(std::string_view output);

}  // namespace weir::control
