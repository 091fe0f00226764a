// Cgroups: one per instance, for its limits, its usage and as the list of all that it has started.
//
// v2 under a subtree that was delegated to weir, or v1 controllers below weir's own cgroups, where
// they can be written; Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst of the kernel.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "net/fd.h"

namespace weir::fleet {

struct Limits {
  double cpus = 0;              // 0: unlimited
  Bytes memory{0};              // 0: unlimited
  std::uint32_t processes = 0;  // with threads; 0: unlimited
};

// Where controllers are: controller -> folder. A v2 cgroup is one folder, under "unified".
using Folders = std::map<std::string, std::string>;

// The cgroup of one instance. Lives on the control thread.
class Cgroup {
 public:
  explicit Cgroup(Folders folders) : folders_(std::move(folders)) {}

  // For the record; open it again with the same.
  const Folders& folders() const { return folders_; }

  Result<> limit(const Limits& limits);
  // Its cgroup.procs files, for the child to enter before it runs.
  Result<std::vector<net::Fd>> doors() const;
  std::vector<pid_t> members() const;
  // All members at once, and no more of them.
  void kill_all();
  // False while somebody is in it; true also if it was gone.
  bool remove();

  std::optional<Duration> cpu_time() const;
  // Without the page cache that the kernel would give up first.
  std::optional<std::uint64_t> memory() const;
  std::uint64_t out_of_memory_kills() const;

 private:
  bool v2() const { return folders_.contains("unified"); }
  // Path of a file of a v1 controller, or of the v2 cgroup; none if it is not there.
  std::optional<std::string> file(std::string_view v1_controller, std::string_view name) const;

  Folders folders_;
};

// What of the text of /proc/self/mountinfo and /proc/self/cgroup says where weir itself is; with
// mount points resolved, so that it holds inside a container as well.
Folders own_cgroups(std::string_view mountinfo, std::string_view cgroup);

// Makes cgroups of instances, in a folder weir-STORE next to weir's own.
class Cgroups {
 public:
  // Tries what can be written. `base`: own_cgroups() of this process.
  Cgroups(const Folders& base, const std::string& store);
  // Takes its folder away if it is empty.
  ~Cgroups();
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;

  // Of cpu, memory, pids.
  bool has(std::string_view controller) const { return limits_.contains(std::string(controller)); }
  // No cgroup can be made at all.
  bool none() const { return roots_.empty(); }
  // Why something is missing; empty if nothing is.
  const std::string& missing() const { return missing_; }

  Result<std::unique_ptr<Cgroup>> make(const std::string& instance) const;
  // Removes those of nobody: empty, and not among `known` folder names or of a store that no weir
  // works on any more.
  void sweep(const std::vector<std::string>& known) const;

 private:
  void use_v1(const Folders& base, const std::string& store);
  void use_v2(const std::string& base, const std::string& store);
  bool make_root(const std::string& folder) const;
  void note(std::string_view what, std::string_view why);

  std::vector<net::Fd> locks_;    // on the roots: a weir works here
  Folders roots_;                 // where instances' folders go
  std::set<std::string> limits_;  // controllers that can limit
  std::string missing_;
};

}  // namespace weir::fleet
