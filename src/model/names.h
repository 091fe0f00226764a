// What desired.h and its parts are written in.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace weir {

using Names = std::vector<std::string>;
// Ordered, so that files, exports and differences read the same each time.
template <class T>
using Named = std::map<std::string, T>;

}  // namespace weir
