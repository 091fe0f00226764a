// A log line as bytes: readable text or a JSON object, with its newline. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"

namespace weir {

// Text: `2026-11-21T06:25:00.123Z warn  balance: endpoint ejected group=ocr failures=3`; a value
// with spaces, quotes or control characters stands in quotes, so a line is always one line.
// JSON: `{"time":...,"level":...,"folder":...,"message":...,"group":"ocr","failures":3}`; bytes
// that are not UTF-8 become U+FFFD.
std::string format_log_line(LogLevel level, bool json, WallTime time, std::string_view folder,
                            std::string_view sentence, std::span<const LogField> fields);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace weir
