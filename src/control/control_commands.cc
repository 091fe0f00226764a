// What an operator asks of control: a capacity, a drain, the log of an instance.
#include <algorithm>

#include "control/control.h"

namespace weir::control {

Result<Scaler*> Control::known_scaler(const std::string& group) {
  if (!desired_.scaling_groups.contains(group)) {
    return fail(Code::not_found, "no scaling group '" + group + "'");
  }
  return &scaler(group);
}

Result<Scaler*> Control::scaler_of(const std::string& instance) {
  for (const auto& [name, one] : scalers_) {
    if (one->has(instance)) return one.get();
  }
  return fail(Code::not_found, "no instance '" + instance + "'");
}

Result<ScalingGroupStatus> Control::group_status(const std::string& group) const {
  const auto found = scalers_.find(group);
  if (found == scalers_.end()) return fail(Code::not_found, "no scaling group '" + group + "'");
  return found->second->status();
}

Result<std::string> Control::group_of(const std::string& instance) const {
  for (const auto& [name, one] : scalers_) {
    if (one->has(instance)) return name;
  }
  return fail(Code::not_found, "no instance '" + instance + "'");
}

Result<Launch> Control::launch_of(const std::string& instance) const {
  for (const auto& [name, one] : scalers_) {
    if (one->has(instance)) return one->launch_of(instance);
  }
  return fail(Code::not_found, "no instance '" + instance + "'");
}

Task<Result<>> Control::scale(std::string name, std::uint32_t n) {
  CO_TRY(Scaler * one, known_scaler(name));
  co_return co_await one->set_manual(n);
}

Result<> Control::drain(const std::string& what, bool back) {
  for (auto& [name, one] : scalers_) {
    if (!one->has(what)) continue;
    if (back) return fail(Code::invalid, "an instance that drains is replaced; it can't come back");
    one->drain(what);
    return {};
  }
  bool found = false;
  for (const auto& group : snapshot_->groups) {
    if (!group) continue;
    for (const auto& endpoint : group->endpoints) {
      const std::string key = group->name + "/" + endpoint->address;
      if (key != what && endpoint->address != what) continue;
      if (!endpoint->instance.empty()) return drain(endpoint->instance, back);
      found = true;
      if (back) {
        taken_out_.erase(key);
      } else if (!taken_out_.contains(key)) {
        take_out(*group, endpoint);
      }
    }
  }
  if (!found) return fail(Code::not_found, "no endpoint or instance '" + what + "'");
  want_rebuild();
  return {};
}

Result<> Control::interrupt(const std::string& instance, Duration in) {
  for (auto& [name, one] : scalers_) {
    if (!one->has(instance)) continue;
    if (one->interrupt(instance, in) > 0) return {};
    return fail(Code::conflict, "instance " + instance + " ends sooner as it is");
  }
  return fail(Code::not_found, "no instance '" + instance + "'");
}

std::size_t Control::interrupt_all() {
  std::size_t count = 0;
  for (auto& [name, one] : scalers_) {
    const ScalingGroup& options = one->options();
    if (!options.mix) {
      count += one->interrupt_spot("", options.interruption.notice);
      continue;
    }
    for (const InstanceTemplate& each : options.mix->templates) {
      const Interruption& how = each.interruption ? *each.interruption : options.interruption;
      count += one->interrupt_spot(each.name, how.notice);
    }
  }
  return count;
}

Task<Result<>> Control::protect(std::string instance, bool on) {
  CO_TRY(Scaler * one, scaler_of(instance));
  co_return co_await one->protect(std::move(instance), on);
}

Task<Result<>> Control::standby(std::string instance, bool replace) {
  CO_TRY(Scaler * one, scaler_of(instance));
  co_return co_await one->standby(std::move(instance), replace);
}

Task<Result<>> Control::detach(std::string instance, bool replace) {
  CO_TRY(Scaler * one, scaler_of(instance));
  co_return co_await one->detach(std::move(instance), replace);
}

Task<Result<>> Control::back_into_service(std::string instance) {
  CO_TRY(Scaler * one, scaler_of(instance));
  co_return co_await one->back_into_service(std::move(instance));
}

Task<Result<>> Control::attach(std::string instance, std::string group) {
  CO_TRY(Scaler * from, scaler_of(instance));
  if (group.empty() || desired_.scaling_groups.contains(group)) {
    if (group.empty() || &scaler(group) == from) {
      co_return co_await from->back_into_service(std::move(instance));
    }
  }
  CO_TRY(Scaler * to, known_scaler(group));
  CO_TRY_VOID(from->may_leave(instance));
  CO_TRY_VOID(co_await to->make_place(from->options().launch.provider));
  // What became of them while that was recorded.
  CO_TRY(Scaler * source, scaler_of(instance));
  CO_TRY_VOID(source->may_leave(instance));
  CO_TRY(Scaler * target, known_scaler(group));
  target->take_in(*source, instance);
  co_return Result<>();
}

Task<Result<>> Control::answer_hook(std::string instance, std::string hook, std::string token,
                                    std::optional<HookResult> result) {
  CO_TRY(Scaler * one, scaler_of(instance));
  co_return co_await one->answer_hook(std::move(instance), std::move(hook), std::move(token),
                                      result);
}

Task<Result<>> Control::start_refresh(std::string group, RefreshOptions options) {
  CO_TRY(Scaler * one, known_scaler(group));
  co_return co_await one->start_refresh(std::move(options));
}

Task<Result<>> Control::cancel_refresh(std::string group) {
  CO_TRY(Scaler * one, known_scaler(group));
  co_return co_await one->cancel_refresh();
}

Task<Result<>> Control::roll_back_refresh(std::string group) {
  CO_TRY(Scaler * one, known_scaler(group));
  co_return co_await one->roll_back_refresh();
}

Task<Result<std::vector<state::Point>>> Control::minutes(std::string metric, WallTime from) {
  const series::Track* track = meters_.library().find(metric);
  if (!track || track->span().minutes == 0) {
    auto loading = records_.load_points(std::move(metric), from);
    co_return co_await loading;
  }
  std::vector<state::Point> all;
  const WallTime now = reactor_.clock().wall();
  for (WallTime at = now - std::chrono::minutes(track->span().minutes); at < now; at += 1min) {
    if (at < from) continue;
    const auto mean = track->minute(at);
    const WallTime begin(std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()));
    if (mean) all.push_back({metric, begin, *mean});
  }
  co_return std::move(all);
}

std::vector<AlarmStatus> Control::alarms() const {
  return alarms_ ? alarms_->status() : std::vector<AlarmStatus>();
}

Task<Result<>> Control::set_alarm(std::string alarm, scale::AlarmState state, std::string reason) {
  if (handing_over_) co_return fail(Code::conflict, "another weir takes over: ask that one");
  CO_TRY_VOID(alarms_->set(alarm, state, std::move(reason), reactor_.clock().wall()));
  auto settling = records_.settled();
  co_await settling;
  co_return Result<>();
}

Result<> Control::push(MetricName name, double value, std::optional<WallTime> time, double count) {
  return meters_.push(std::move(name), value, time, moment(), count);
}

void Control::push_minute(MetricName name, double mean, WallTime time) {
  const WallTime minute(std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()));
  records_.append(std::vector<state::Point>{{to_string(name), minute, mean}});
}

Result<std::string> Control::log_path(const std::string& instance) const {
  if (!provider_) return fail(Code::unavailable, "another weir takes over: ask that one");
  if (const auto path = provider_->log_path(instance)) return *path;
  return fail(Code::not_found, "no log of an instance '" + instance + "'");
}

Result<std::vector<std::string>> Control::log_tail(const std::string& instance,
                                                   std::size_t lines) const {
  if (!provider_ || !provider_->log_path(instance)) {
    return fail(Code::not_found, "no log of an instance '" + instance + "'");
  }
  return provider_->log_tail(instance, lines);
}

}  // namespace weir::control
