// Learned: what a policy has learned, as rows of numbers by name, so that it can be kept over a
// restart. Plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scale {

using Learned = std::map<std::string, std::vector<double>, std::less<>>;

// The row of that name, where it is `size` finite numbers, none below 0; else nullptr.
const std::vector<double>* row(const Learned& learned, std::string_view name, std::size_t size);

}  // namespace weir::scale
