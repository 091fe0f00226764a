// utf8: finds what is no text. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::config {

// The offset of the first byte that is not UTF-8 (RFC 3629), or a control character other than tab
// and line ends; npos: all of it is text.
std::size_t find_not_text(std::string_view text);

}  // namespace weir::config
