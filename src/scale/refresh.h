// Refresh: an instance refresh, from its begin to its end: the instances of a group are replaced
// step by step by ones of another version of the launch template. Pure.
//
// The rules are EC2's ("Use an instance refresh to update instances in an Auto Scaling group", user
// guide): minimum and maximum healthy percentage, checkpoints, skip matching, protected and standby
// instances, rollback on alarms or when new instances do not get healthy. What differs stands in
// docs/decisions/0024.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/lifecycle.h"

namespace weir::scale {

struct Refresh {
  // Recorded by number: new ones are appended.
  enum class Status : std::uint8_t {
    in_progress,
    waiting,  // at a checkpoint
    successful,
    failed,
    cancelled,
    rollback_in_progress,
    rollback_successful,
    rollback_failed,
  };
  std::uint32_t number = 0;  // counted in its group; an instance knows under which it was launched
  Status status = Status::in_progress;
  RefreshOptions options;
  std::uint32_t version = 1;  // of the launch template, that instances are to have
  std::uint32_t before = 1;   // and that a rollback goes back to
  WallTime started{};
  std::optional<WallTime> ended;
  std::optional<std::uint32_t> total;     // instances that are to be replaced, counted at its begin
  std::uint32_t replaced = 0;             // of them, by instances that are ready
  std::size_t checkpoint = 0;             // the next one
  std::optional<WallTime> waiting_since;  // at the checkpoint
  std::optional<WallTime> blocked_since;  // only instances are left that it has to wait for
  std::string reason;                     // of its status, for people
  bool operator==(const Refresh&) const = default;
};

constexpr bool running(const Refresh& r) {
  return r.status == Refresh::Status::in_progress || r.status == Refresh::Status::waiting ||
         r.status == Refresh::Status::rollback_in_progress;
}

// 0 to 100.
std::uint32_t percent(const Refresh& refresh);

// Goes back to the version before: what was replaced is replaced again. `number` is the next one.
void roll_back(Refresh& refresh, std::string reason);
void cancel(Refresh& refresh, WallTime now);

std::string_view to_string(Refresh::Status status);

}  // namespace weir::scale
