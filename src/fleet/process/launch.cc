// ProcessProvider: from a wish to a running, recorded and watched process.
#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/log.h"
#include "fleet/process/environment.h"
#include "fleet/process/process_provider.h"
#include "fleet/process/spawn.h"

namespace weir::fleet {
namespace {

constexpr int kNiceWithoutCgroups = 5;

// It becomes the name of a file and of a cgroup.
bool good_name(const std::string& id) {
  return !id.empty() && id.size() <= 100 && id.front() != '.' &&
         std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

Task<Result<Live>> ProcessProvider::launch(LaunchSpec spec) {
  if (stopped_) co_return fail(Code::unavailable, "weir is stopping");
  if (!good_name(spec.instance)) {
    co_return fail(Code::invalid, fmt::format("'{}' is no name for an instance", spec.instance));
  }
  auto made = std::make_unique<Instance>();
  Instance& instance = *made;
  instance.id = spec.instance;
  if (!instances_.emplace(spec.instance, std::move(made)).second) {
    co_return fail(Code::conflict, fmt::format("instance {} exists already", spec.instance));
  }
  ++launching_;
  const std::string id = spec.instance;
  Task<Result<Live>> launching = launch_recorded(instance, std::move(spec));
  Result<Live> result = co_await launching;
  if (!result) {
    release(instance);
    instances_.erase(id);
  } else if (!stopped_) {
    watch(instance);
  }
  --launching_;
  launched_.set();
  co_return result;
}

Task<Result<Live>> ProcessProvider::launch_recorded(Instance& instance, LaunchSpec spec) {
  CO_TRY_VOID(prepare(instance, spec));
  Task<Result<>> saving = save(instance.id, to_json(instance.record));
  const Result<> saved = co_await saving;
  if (!saved) co_return fail("record of the instance", saved.error());
  Result<> started;
  if (instance.record.stopping || stopped_) {
    started = fail(Code::unavailable, "ended before it was started");
  } else {
    started = start_command(instance, spec.launch);
  }
  if (!started) {
    if (surroundings_.forget) surroundings_.forget(instance.id);
    co_return tl::unexpected(started.error());
  }
  Task<Result<>> saving_pid = save(instance.id, to_json(instance.record));
  const Result<> pid_saved = co_await saving_pid;
  if (!pid_saved) {
    // Its first record stands and /proc tells the rest, so it would be adopted all the same.
    LOG(warn, "pid of the instance not recorded", {"instance", instance.id},
        {"error", pid_saved.error().message});
  }
  co_return live(instance);
}

Result<> ProcessProvider::prepare(Instance& instance, const LaunchSpec& spec) {
  const Launch& launch = spec.launch;
  Record& record = instance.record;
  record.group = spec.group;
  record.version = spec.version;
  record.cpus = launch.cpus;
  record.memory = launch.memory;
  record.processes = launch.processes;
  record.log = logs_.path_for(instance.id);
  record.boot = boot_;
  record.started = surroundings_.reactor.clock().wall();
  if (launch.gpus > 0) {
    TRY(record.devices, devices_.take(launch.gpus));
  }
  TRY(record.port, ports_.take());
  if (!cgroups_.none()) {
    TRY(instance.cgroup, cgroups_.make(instance.id));
    record.cgroup = instance.cgroup->folders();
    TRY_VOID(instance.cgroup->limit({launch.cpus, launch.memory, launch.processes}));
  }
  return {};
}

Result<> ProcessProvider::start_command(Instance& instance, const Launch& launch) {
  const Given given{instance.id, surroundings_.store_id, instance.record.port,
                    instance.record.devices};
  Command command;
  if (!launch.user.empty()) {
    TRY(command.account, find_account(launch.user));
  }
  const Account* const account = command.account ? &*command.account : nullptr;
  command.arguments = expand(launch.command, given);
  command.environment = make_environment(launch, given, account, own_environment());
  command.directory = launch.directory;
  std::vector<net::Fd> doors;
  if (instance.cgroup) {
    TRY(doors, instance.cgroup->doors());
    for (const net::Fd& door : doors) command.joins.push_back(door.get());
  }
  if (launch.cpus > 0 && !cgroups_.has("cpu")) command.nice = kNiceWithoutCgroups;
  // RLIMIT_NPROC counts all processes of a user, and does not hold root: of use for others only.
  if (launch.processes > 0 && !cgroups_.has("pids") && account) {
    command.processes = launch.processes;
  }
  // No RLIMIT_AS or RLIMIT_DATA in place of a limit of memory: GPU drivers and thread stacks map
  // many times what they use.
  command.first_to_go = launch.memory.value > 0 && !cgroups_.has("memory");
  TRY(const net::Fd output, open_log(instance.record.log));
  // So that it may open /dev/stdout again.
  if (account) (void)!::fchown(output.get(), account->uid, static_cast<gid_t>(-1));
  command.output = output.get();

  TRY(Child child, spawn(command));
  const auto process = read_process(child.pid);
  instance.record.process = {child.pid, process ? process->id.start : 0};
  instance.pidfd = std::move(child.pidfd);
  instance.family.emplace(surroundings_.store_id, instance.id, instance.record.process,
                          instance.cgroup.get());
  instance.meter.emplace(launch.cpus, launch.memory.value, Duration(0),
                         surroundings_.reactor.clock().now());
  logs_.started(instance.id, instance.record.log);
  LOG(info, "instance started", {"instance", instance.id}, {"group", instance.record.group},
      {"pid", child.pid}, {"port", instance.record.port});
  return {};
}

void ProcessProvider::release(Instance& instance) {
  if (instance.record.port != 0) ports_.give_back(instance.record.port);
  devices_.give_back(instance.record.devices);
  if (instance.cgroup && !instance.cgroup->remove()) leaving_.push_back(std::move(instance.cgroup));
}

void ProcessProvider::watch(Instance& instance) {
  instance.watch = net::watch(surroundings_.reactor, instance.pidfd.get(), EPOLLIN,
                              [this, &instance](std::uint32_t) { leader_ended(instance); });
}

Task<Result<>> ProcessProvider::save(std::string id, std::string record) {
  if (!surroundings_.record) co_return Result<>();
  Task<Result<>> saving = surroundings_.record(std::move(id), std::move(record));
  co_return co_await saving;
}

}  // namespace weir::fleet
