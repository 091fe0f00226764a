// ProcessProvider: how an instance ends. Its main process first, politely or by itself; then all
// that it started; then the word of it, and what it held is free again.
#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/log.h"
#include "fleet/process/process_provider.h"

namespace weir::fleet {
namespace {

std::string cause_of(const siginfo_t& status) {
  if (status.si_code == CLD_EXITED) return fmt::format("exit status {}", status.si_status);
  std::string name = ::strsignal(status.si_status);
  if (!name.empty()) name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
  return fmt::format("signal {} ({})", status.si_status, name);
}

// The cause, and the zombie stays: it keeps its pid, and with it the number of its group, from
// being used again. None if it is nobody's of ours to wait for.
std::optional<std::string> peek(int pidfd) {
  siginfo_t status{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &status, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      status.si_pid == 0) {
    return std::nullopt;
  }
  return cause_of(status);
}

void reap(int pidfd) {
  siginfo_t status{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &status, WEXITED | WNOHANG) != 0 &&
         errno == EINTR) {
  }
}

}  // namespace

Result<> ProcessProvider::terminate(const std::string& id, Duration grace) {
  const auto it = instances_.find(id);
  if (it == instances_.end()) return fail(Code::not_found, fmt::format("no instance {}", id));
  if (stopped_) return fail(Code::unavailable, "weir is stopping");
  Instance& instance = *it->second;
  const bool again = std::exchange(instance.record.stopping, true);
  if (instance.starting()) return {};
  if (!again) {
    instance.record.grace = grace;
    scope_.spawn(save_stopping(id, to_json(instance.record)));
    ask_to_stop(instance);
  }
  const Time now = surroundings_.reactor.clock().now();
  instance.force_at = std::min(instance.force_at, now + std::max(grace, Duration(0)));
  look_again(instance);
  return {};
}

void ProcessProvider::ask_to_stop(Instance& instance) {
  if (!instance.ended && alive(instance.record.process)) {
    instance.family->signal_group(SIGTERM);
    instance.family->signal_all(SIGCONT);  // one that is stopped could not heed it
  }
  LOG(info, "instance is being stopped", {"instance", instance.id},
      {"grace", to_string(instance.record.grace)});
}

Task<> ProcessProvider::save_stopping(std::string id, std::string record) {
  Task<Result<>> saving = save(id, std::move(record));
  const Result<> saved = co_await saving;
  if (!saved) {
    LOG(warn, "stopping of the instance not recorded", {"instance", id},
        {"error", saved.error().message});
  }
}

void ProcessProvider::leader_ended(Instance& instance) {
  instance.watch.reset();
  instance.ended = peek(instance.pidfd.get()).value_or("gone (adopted)");
  look(instance);
}

void ProcessProvider::look(Instance& instance) {
  const Time now = surroundings_.reactor.clock().now();
  const bool force = !instance.record.stopping || now >= instance.force_at;
  if (!instance.ended) {
    if (force) kill(instance);
  } else if (force ? !instance.family->kill_all() : !instance.family->any()) {
    finish(instance);
    return;
  }
  look_again(instance);
}

// When it has ended, soon; before that, at the end of its grace and then again and again.
void ProcessProvider::look_again(Instance& instance) {
  const Time now = surroundings_.reactor.clock().now();
  Time at = instance.force_at;
  if (instance.ended || now >= instance.force_at) {
    const Patience& patience = options_.patience;
    const bool first = instance.pause == Duration(0) && !instance.ended;
    instance.pause = std::clamp(instance.pause * 2, patience.first_look, patience.longest_look);
    at = first ? now : now + instance.pause;
    if (instance.ended && instance.record.stopping && now < instance.force_at) {
      at = std::min(at, instance.force_at);
    }
  }
  if (!instance.alarm) {
    instance.alarm.emplace(surroundings_.reactor, [this, &instance] { look(instance); });
  }
  instance.alarm->set(at);
}

void ProcessProvider::kill(Instance& instance) {
  if (!std::exchange(instance.killed, true)) {
    LOG(warn, "instance did not stop in time: killed", {"instance", instance.id});
  }
  if (alive(instance.record.process)) instance.family->signal_group(SIGKILL);
  instance.family->kill_all();
}

std::string ProcessProvider::final_cause(const Instance& instance) const {
  std::string cause = *instance.ended;
  const std::uint64_t kills = instance.cgroup ? instance.cgroup->out_of_memory_kills() : 0;
  if (kills > instance.kills_before && !instance.killed) {
    return fmt::format("out of memory: {} (limit {})", cause, to_string(instance.record.memory));
  }
  if (!instance.record.stopping && !port_is_free(instance.record.port)) {
    cause += fmt::format("; port {} is taken by another process", instance.record.port);
  }
  return cause;
}

void ProcessProvider::finish(Instance& instance) {
  Exit exit{
      .instance = instance.id,
      .cause = final_cause(instance),
      .wanted = instance.record.stopping,
      .last_lines = tail(instance.record.log, kLastLines),
  };
  reap(instance.pidfd.get());
  release(instance);
  logs_.ended(instance.id);
  instances_.erase(exit.instance);
  if (exit.wanted) {
    LOG(info, "instance ended", {"instance", exit.instance}, {"cause", exit.cause});
  } else {
    LOG(warn, "instance ended by itself", {"instance", exit.instance}, {"cause", exit.cause},
        {"last_line", exit.last_lines.empty() ? "" : exit.last_lines.back()});
  }
  if (on_exit) on_exit(exit);
  if (surroundings_.forget) surroundings_.forget(exit.instance);
}

}  // namespace weir::fleet
