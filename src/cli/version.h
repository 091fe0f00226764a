// version: of this build.
#pragma once

#include <string_view>

namespace weir::cli {

// Of this build: 0.1.0.
std::string_view version();

}  // namespace weir::cli
