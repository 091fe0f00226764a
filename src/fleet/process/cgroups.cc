// Cgroups: finding where weir may make cgroups, and making them.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "fleet/process/cgroup.h"
#include "fleet/process/cgroup_files.h"
#include "fleet/process/proc.h"

namespace weir::fleet {
namespace {

constexpr std::array<std::string_view, 3> kLimiting = {"cpu", "memory", "pids"};
// Weir's own leaf: a v2 cgroup with members cannot hand controllers to its children.
constexpr std::string_view kLeaf = "/weir-supervisor";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

struct Mount {
  std::string root;
  std::string point;
};

// Controller -> its mount; v2 under "unified".
std::map<std::string, Mount> cgroup_mounts(std::string_view mountinfo) {
  std::map<std::string, Mount> mounts;
  for (const auto line : split(mountinfo, '\n')) {
    // 36 35 0:30 ROOT POINT options [optional]... - TYPE source super_options
    const auto dash = line.find(" - ");
    if (dash == line.npos) continue;
    const auto head = split(line.substr(0, dash), ' ');
    const auto kind = split(line.substr(dash + 3), ' ');
    if (head.size() < 5 || kind.size() < 3) continue;
    const Mount mount{std::string(head[3]), std::string(head[4])};
    if (kind[0] == "cgroup2") mounts.try_emplace("unified", mount);
    if (kind[0] == "cgroup") {
      for (const auto option : split(kind[2], ',')) mounts.try_emplace(std::string(option), mount);
    }
  }
  return mounts;
}

std::optional<std::string> inside(const Mount& mount, std::string_view path) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  if (!path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return path == "/" ? mount.point : mount.point + std::string(path);
}

bool make_folder(const std::string& path) {
  return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

net::Fd open_folder(const std::string& path) {
  return net::Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::vector<std::string> folders_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (!folder) return names;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

// A store's folder whose weir has ended for good: tests leave such, and removed installations.
void remove_if_deserted(const std::string& root) {
  const net::Fd fd = open_folder(root);
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return;
  // The kernel refuses where somebody still runs.
  for (const auto& name : folders_in(root)) ::rmdir((root + "/" + name).c_str());
  ::rmdir(root.c_str());
}

// Of v2: the children of a folder get this controller.
Result<> hand_down(const std::string& folder, std::string_view controller) {
  return write_file(folder + "/cgroup.subtree_control", fmt::format("+{}", controller));
}

}  // namespace

Folders own_cgroups(std::string_view mountinfo, std::string_view cgroup) {
  const auto mounts = cgroup_mounts(mountinfo);
  Folders folders;
  for (const auto line : split(cgroup, '\n')) {
    // 4:memory:/path for v1, 0::/path for v2.
    const auto first = line.find(':');
    const auto second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto path = line.substr(second + 1);
    for (const auto controller : split(controllers, ',')) {
      const std::string name = controller.empty() ? "unified" : std::string(controller);
      const auto mount = mounts.find(name);
      if (mount == mounts.end()) continue;
      if (auto folder = inside(mount->second, path)) folders.emplace(name, std::move(*folder));
    }
  }
  return folders;
}

Cgroups::Cgroups(const Folders& base, const std::string& store) {
  const auto unified = base.find("unified");
  const auto offered =
      unified == base.end() ? std::nullopt : read_file(unified->second + "/cgroup.controllers");
  const bool v2 = offered && std::ranges::any_of(kLimiting, [&](std::string_view name) {
                    const auto words =
                        split(std::string_view(*offered).substr(0, offered->find('\n')), ' ');
                    return std::ranges::find(words, name) != words.end();
                  });
  if (v2) {
    use_v2(unified->second, store);
  } else {
    use_v1(base, store);
  }
  for (const auto& [controller, root] : roots_) {
    net::Fd fd = open_folder(root);
    if (fd && ::flock(fd.get(), LOCK_SH) == 0) locks_.push_back(std::move(fd));
  }
}

Cgroups::~Cgroups() {
  for (const auto& [controller, folder] : roots_) ::rmdir(folder.c_str());
}

void Cgroups::note(std::string_view what, std::string_view why) {
  missing_ += fmt::format("{}{}: {}", missing_.empty() ? "" : "; ", what, why);
}

void Cgroups::use_v1(const Folders& base, const std::string& store) {
  for (const std::string_view name : {"cpu", "memory", "pids", "cpuacct"}) {
    const std::string controller(name);
    const auto it = base.find(controller);
    const bool limiting = name != "cpuacct";
    if (it == base.end()) {
      if (limiting) note(name, "no such controller");
      continue;
    }
    std::string folder = fmt::format("{}/weir-{}", it->second, store);
    if (!make_folder(folder) || ::access(folder.c_str(), W_OK) != 0) {
      if (limiting) note(name, std::strerror(errno));
      continue;
    }
    roots_.emplace(controller, std::move(folder));
    if (limiting) limits_.insert(controller);
  }
  // cpu and cpuacct are often one hierarchy: one folder, entered once.
  const auto cpu = roots_.find("cpu");
  const auto cpuacct = roots_.find("cpuacct");
  if (cpu != roots_.end() && cpuacct != roots_.end()) {
    struct stat a{};
    struct stat b{};
    if (::stat(cpu->second.c_str(), &a) == 0 && ::stat(cpuacct->second.c_str(), &b) == 0 &&
        a.st_dev == b.st_dev && a.st_ino == b.st_ino) {
      cpuacct->second = cpu->second;
    }
  }
}

void Cgroups::use_v2(const std::string& own, const std::string& store) {
  std::string base = own;
  if (base.ends_with(kLeaf)) base.resize(base.size() - kLeaf.size());
  // The root cgroup has no such file, and may have members.
  const bool root = ::access((base + "/cgroup.type").c_str(), F_OK) != 0;
  if (!root && base == own) {
    const std::string leaf = base + std::string(kLeaf);
    const bool moved = make_folder(leaf) && write_file(leaf + "/cgroup.procs", "0");
    if (!moved) {
      note("cgroup v2", fmt::format("{} was not delegated to weir", base));
      return;
    }
  }
  const std::string folder = fmt::format("{}/weir-{}", base, store);
  for (const std::string_view name : kLimiting) {
    const auto switched = hand_down(base, name);
    if (!switched) note(name, switched.error().message);
  }
  if (!make_folder(folder)) {
    note("cgroup v2", fmt::format("{}: {}", folder, std::strerror(errno)));
    return;
  }
  for (const std::string_view name : kLimiting) {
    if (hand_down(folder, name)) limits_.insert(std::string(name));
  }
  roots_.emplace("unified", folder);
}

bool Cgroups::make_root(const std::string& folder) const {
  if (!make_folder(folder)) return false;
  if (roots_.contains("unified")) {
    for (const auto& name : limits_) (void)hand_down(folder, name);
  }
  return true;
}

Result<std::unique_ptr<Cgroup>> Cgroups::make(const std::string& instance) const {
  Folders folders;
  for (const auto& [controller, root] : roots_) {
    std::string folder = fmt::format("{}/{}", root, instance);
    // The root may be gone: another weir of this store, on its way out, found it empty.
    if (!make_folder(folder) && !(make_root(root) && make_folder(folder))) {
      const std::string why = std::strerror(errno);
      Cgroup(std::move(folders)).remove();
      return fail(Code::unavailable, fmt::format("cgroup {}: {}", folder, why));
    }
    folders.emplace(controller, std::move(folder));
  }
  return std::make_unique<Cgroup>(std::move(folders));
}

void Cgroups::sweep(const std::vector<std::string>& known) const {
  for (const auto& [controller, root] : roots_) {
    for (const auto& name : folders_in(root)) {
      if (std::ranges::find(known, name) == known.end()) ::rmdir((root + "/" + name).c_str());
    }
    const auto slash = root.rfind('/');
    const std::string beside = root.substr(0, slash);
    for (const auto& name : folders_in(beside)) {
      const bool other = name != root.substr(slash + 1) && "/" + name != kLeaf;
      if (other && name.starts_with("weir-")) remove_if_deserted(beside + "/" + name);
    }
  }
}

}  // namespace weir::fleet
