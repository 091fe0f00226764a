// Pattern: a constraint's regular expression, of Java's dialect, on bytes of UTF-8. Any thread.
//
// Translated to base/regex.h. A class that reaches beyond ASCII takes every byte beyond it; \p{L},
// \p{Z}, \p{N} and \p{Print} are ASCII's and every byte beyond. A leading (?!X) is checked apart;
// other look-around is not built. A pattern must match the whole text.
#pragma once

#include <string_view>

#include "base/result.h"

namespace weir::aws {

// Does the text satisfy the pattern? One that cannot be translated is satisfied by everything.
bool satisfies(std::string_view pattern, std::string_view text);

// Whether it can be translated; the error says why not.
Result<> check_pattern(std::string_view pattern);

}  // namespace weir::aws
