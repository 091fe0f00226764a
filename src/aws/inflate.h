// Bodies that came with Content-Encoding: gzip. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::aws {

// gzip or zlib. The error says whether it is malformed or inflates to more than `most` bytes.
Result<std::string> inflate(std::string_view bytes, std::size_t most);

}  // namespace weir::aws
