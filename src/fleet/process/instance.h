// Instance: one child of the process provider, from the first record to its last process's end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fleet/process/alarm.h"
#include "fleet/process/cgroup.h"
#include "fleet/process/family.h"
#include "fleet/process/meter.h"
#include "fleet/process/record.h"
#include "net/fd.h"
#include "net/reactor.h"

namespace weir::fleet {

struct Instance {
  std::string id;
  Record record;
  std::unique_ptr<Cgroup> cgroup;  // null: none could be made
  net::Fd pidfd;
  net::Owned<net::Watch> watch;  // of pidfd; destroyed before it
  std::optional<Family> family;  // once it runs
  std::optional<Meter> meter;
  std::optional<Alarm> alarm;  // the next look: force, or whether all have gone
  bool adopted = false;
  bool killed = false;               // by us
  std::optional<std::string> ended;  // the cause, once the leader has ended
  Time force_at = kNever;            // while stopping
  Duration pause{};                  // between two looks at what is left of it
  std::uint64_t kills_before = 0;    // by the kernel for want of memory, before we adopted it

  bool starting() const { return !family; }
};

}  // namespace weir::fleet
