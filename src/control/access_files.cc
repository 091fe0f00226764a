#include "control/access_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "model/cidr_file.h"

namespace weir::control {
namespace {

std::string stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return "";
  return fmt::format("{}.{} {} {}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size,
                     status.st_ino);
}

}  // namespace

void AccessFiles::look(const std::string& path) {
  if (path.empty() || changed_.contains(path)) return;
  File& file = files_[path];
  const std::string stamp = stamp_of(path);
  if (!stamp.empty() && stamp == file.stamp) return;
  std::ifstream in(path, std::ios::binary);
  if (stamp.empty() || !in) {
    LOG(warn, "access list not read", {"file", path}, {"error", std::strerror(errno)});
    return;
  }
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  CidrLines lines = read_cidr_lines(text);
  for (const std::size_t line : lines.bad) {
    LOG(warn, "line of an access list left out", {"file", path}, {"line", line});
  }
  file.stamp = stamp;
  if (file.blocks == lines.blocks) return;
  file.blocks = std::move(lines.blocks);
  changed_.insert(path);
}

void AccessFiles::refresh(const Named<Listener>& listeners) {
  changed_.clear();
  for (const auto& [name, listener] : listeners) {
    look(listener.access.allow_file);
    look(listener.access.deny_file);
    for (const Rule& rule : listener.rules) {
      look(rule.access.allow_file);
      look(rule.access.deny_file);
    }
  }
}

bool AccessFiles::changed(const Listener& listener) const {
  if (changed_.empty()) return false;
  const auto either = [this](const Access& access) {
    return changed_.contains(access.allow_file) || changed_.contains(access.deny_file);
  };
  return either(listener.access) || std::any_of(listener.rules.begin(), listener.rules.end(),
                                                [&](const Rule& r) { return either(r.access); });
}

void AccessFiles::read_into(Access& access) const {
  const auto append = [&](Names& names, const std::string& path) {
    const auto file = files_.find(path);
    if (path.empty() || file == files_.end()) return;
    names.insert(names.end(), file->second.blocks.begin(), file->second.blocks.end());
  };
  append(access.allow, access.allow_file);
  append(access.deny, access.deny_file);
}

Listener AccessFiles::read_into(Listener listener) const {
  read_into(listener.access);
  for (Rule& rule : listener.rules) read_into(rule.access);
  return listener;
}

}  // namespace weir::control
