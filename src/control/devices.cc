// Who gets the devices where there are fewer than the scaling groups want: an idle instance gives
// way to a group that waits (scale/sharing.h), and who waits for a device is started in the same
// order.
#include <algorithm>

#include "control/control.h"
#include "scale/sharing.h"

namespace weir::control {

void Control::share_devices() {
  if (!provider_ || held_ || handing_over_) return;
  const auto free = provider_->capacity().devices_free;
  if (!free) return;  // there are none to share
  std::vector<scale::Sharer> groups;
  for (const auto& [name, one] : scalers_) groups.push_back(one->sharer());
  const Time now = reactor_.clock().now();
  const scale::Sharings sharings = scale::share(groups, *free, now);
  for (const scale::Yield& yield : sharings.yields) scalers_.at(yield.group)->give_way(yield);
  reactor_.timers().arm(sharing_, sharings.next);
}

void Control::start_waiting() {
  if (!provider_ || held_ || handing_over_) return;
  std::vector<std::pair<scale::Sharer, Scaler*>> waiting;
  for (const auto& [name, one] : scalers_) waiting.emplace_back(one->sharer(), one.get());
  std::ranges::stable_sort(
      waiting, [](const auto& a, const auto& b) { return scale::goes_first(a.first, b.first); });
  for (const auto& [facts, one] : waiting) one->start_waiting();
}

// What is asked outside: metadata services for notices, nvidia-smi for the devices.
void Control::watch_outside() {
  interruptions_->update(desired_.scaling_groups);
  if (desired_.devices.empty()) {
    gpus_.reset();
  } else if (!gpus_ || gpus_->program() != desired_.nvidia_smi) {
    gpus_ = std::make_unique<fleet::GpuWatch>(desired_.nvidia_smi);
  }
}

}  // namespace weir::control
