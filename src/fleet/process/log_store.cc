#include "fleet/process/log_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/log.h"

namespace weir::fleet {

namespace fs = std::filesystem;

namespace {

// Someone may have given us a folder with other logs in it.
bool is_instance(const std::string& name) {
  return name.starts_with("i-") && name.size() > 2 &&
         name.find_first_not_of("0123456789abcdef", 2) == name.npos;
}

}  // namespace

Result<> LogStore::open() {
  std::error_code error;
  const bool made = fs::create_directories(folder_, error);
  if (error) {
    return fail(Code::unavailable,
                fmt::format("folder of logs '{}': {}", folder_, error.message()));
  }
  if (made) fs::permissions(folder_, fs::perms(0750), error);
  return {};
}

std::string LogStore::path_for(const std::string& instance) const {
  return fmt::format("{}/{}.log", folder_, instance);
}

void LogStore::started(const std::string& instance, const std::string& path) {
  running_[instance] = path;
}

void LogStore::ended(const std::string& instance) {
  const auto it = running_.find(instance);
  if (it == running_.end()) return;
  ended_.emplace_back(it->first, it->second);
  running_.erase(it);
  while (ended_.size() > limits_.ended) {
    remove_log(ended_.front().second, limits_);
    ended_.pop_front();
  }
}

std::optional<std::string> LogStore::path_of(const std::string& instance) const {
  if (const auto it = running_.find(instance); it != running_.end()) return it->second;
  const auto it =
      std::ranges::find(ended_, instance, [](const auto& entry) { return entry.first; });
  if (it == ended_.end()) return std::nullopt;
  return it->second;
}

void LogStore::rotate_all() {
  for (const auto& [instance, path] : running_) {
    if (rotate(path, limits_)) LOG(debug, "log rotated", {"instance", instance});
  }
}

void LogStore::find_ended() {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() != ".log") continue;
    const std::string instance = entry.path().stem().string();
    if (!is_instance(instance) || path_of(instance)) continue;
    found.emplace_back(entry.last_write_time(error), instance);
  }
  std::ranges::sort(found);
  for (const auto& [time, instance] : found) {
    started(instance, path_for(instance));
    ended(instance);
  }
}

}  // namespace weir::fleet
