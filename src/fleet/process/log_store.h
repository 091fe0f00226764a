// LogStore: the folder of instance logs, and how long those of ended instances stay.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fleet/process/log_file.h"

namespace weir::fleet {

// Lives on the control thread.
class LogStore {
 public:
  LogStore(std::string folder, LogLimits limits) : folder_(std::move(folder)), limits_(limits) {}

  // Makes the folder.
  Result<> open();
  // Where a new instance writes.
  std::string path_for(const std::string& instance) const;

  // It writes now, to `path`: rotated from now on.
  void started(const std::string& instance, const std::string& path);
  // Kept for a while; the oldest of those that have ended go.
  void ended(const std::string& instance);
  // Also of one that has ended lately.
  std::optional<std::string> path_of(const std::string& instance) const;
  void rotate_all();
  // Logs that an earlier weir left: those of nobody running count as ended.
  void find_ended();

 private:
  std::string folder_;
  LogLimits limits_;
  std::map<std::string, std::string> running_;             // instance -> path
  std::deque<std::pair<std::string, std::string>> ended_;  // oldest first
};

}  // namespace weir::fleet
