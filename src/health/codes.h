// codes: which status codes count as healthy. Pure.
#pragma once

#include <cstdint>

#include "model/desired.h"

namespace weir::health {

// `codes`: 200, or a range 200-399. One that can't be read matches nothing.
bool accepts(const Names& codes, std::uint16_t status);

}  // namespace weir::health
