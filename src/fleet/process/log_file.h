// Log files of instances: appended to by the instance, rotated by copy and truncate, read from the
// end. The instance holds the file open for its life, so it is never moved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "net/fd.h"

namespace weir::fleet {

struct LogLimits {
  Bytes size{10 * 1024 * 1024};  // of one file; then it is rotated
  int files = 3;                 // of one instance: x.log, x.log.1, x.log.2
  std::size_t ended = 100;       // instances that have ended whose logs are kept
};

// For a child's output; made if it is missing.
Result<net::Fd> open_log(const std::string& path);

// Copies the newest part of a file that is over its limit to `path`.1, moves older ones on, and
// empties it. What is written between the last look and the truncation is lost, as with logrotate's
// copytruncate. True if it was rotated.
bool rotate(const std::string& path, const LogLimits& limits);

// The last lines, oldest first; goes on in `path`.1 when the file is young. Reads from the end, at
// most 1 MiB. A line longer than 4 KiB keeps its beginning.
std::vector<std::string> tail(const std::string& path, std::size_t lines);

// Valid UTF-8 without control characters and terminal sequences: fit for JSON and for a terminal.
std::string clean_line(std::string_view line);

void remove_log(const std::string& path, const LogLimits& limits);

}  // namespace weir::fleet
