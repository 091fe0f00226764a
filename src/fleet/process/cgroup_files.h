// The few forms that cgroup files have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::fleet {

// One write, as the kernel wants it.
Result<> write_file(const std::string& path, std::string_view value);
// A file that is one number.
std::optional<std::uint64_t> number_of(const std::string& path);
// A file of lines `key number`.
std::optional<std::uint64_t> keyed_number(const std::string& path, std::string_view key);

}  // namespace weir::fleet
