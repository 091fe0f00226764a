// An instance refresh as it is kept in the store.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "scale/refresh.h"

namespace weir::control {

nlohmann::json json_of(const scale::Refresh& refresh);
// What is missing has its default.
scale::Refresh refresh_of(const nlohmann::json& json);

}  // namespace weir::control
