// The provider `process`: what is not about one moment of an instance's life.
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/check.h"
#include "base/log.h"
#include "fleet/process/process_provider.h"

namespace weir::fleet {
namespace {

Folders where_weir_is() {
  return own_cgroups(read_file("/proc/self/mountinfo").value_or(""),
                     read_file("/proc/self/cgroup").value_or(""));
}

// As process 1 of a container weir inherits orphans of its instances: nobody else waits for them.
void reap_orphans(const std::map<std::string, std::unique_ptr<Instance>>& instances) {
  if (::getpid() != 1) return;
  for (const Process& process : all_processes()) {
    const bool ours = std::ranges::any_of(
        instances, [&](const auto& entry) { return entry.second->record.process == process.id; });
    siginfo_t ignored{};
    if (process.state == 'Z' && !ours) {
      ::waitid(P_PID, static_cast<id_t>(process.id.pid), &ignored, WEXITED | WNOHANG);
    }
  }
}

}  // namespace

Result<std::unique_ptr<Provider>> make_process(Surroundings surroundings) {
  auto provider =
      std::make_unique<ProcessProvider>(std::move(surroundings), ProcessProvider::Options());
  TRY_VOID(provider->start());
  return std::unique_ptr<Provider>(std::move(provider));
}

ProcessProvider::ProcessProvider(Surroundings surroundings, Options options)
    : surroundings_(std::move(surroundings)),
      options_(std::move(options)),
      cgroups_(options_.cgroups ? *options_.cgroups : where_weir_is(), surroundings_.store_id),
      ports_(surroundings_.first_port, surroundings_.last_port),
      devices_(surroundings_.devices),
      logs_(surroundings_.logs, options_.logs),
      sweeper_(surroundings_.reactor, [this] { sweep(); }),
      launched_(surroundings_.reactor) {}

ProcessProvider::~ProcessProvider() {
  CHECK(launching_ == 0);
  *here_ = false;
}

Result<> ProcessProvider::start() {
  TRY_VOID(logs_.open());
  if (!cgroups_.missing().empty()) {
    LOG(warn,
        "cgroups can be written in part or not at all: limits fall back to nice values and "
        "process counts, memory stays unlimited",
        {"missing", cgroups_.missing()});
  }
  adopt();
  logs_.find_ended();
  sweeper_.set(surroundings_.reactor.clock().now() + options_.patience.sweep);
  return {};
}

Task<> ProcessProvider::stop() {
  stopped_ = true;
  *here_ = false;
  sweeper_.cancel();
  for (auto& [id, instance] : instances_) {
    instance->watch.reset();
    instance->alarm.reset();
  }
  while (launching_ > 0) co_await launched_.wait(kNever);
  co_await scope_.close();
}

Result<> ProcessProvider::pause(const std::string& id, bool on) {
  const auto it = instances_.find(id);
  if (it == instances_.end() || it->second->starting() || it->second->ended) {
    return fail(Code::not_found, fmt::format("no instance {} runs", id));
  }
  it->second->family->signal_all(on ? SIGSTOP : SIGCONT);
  return {};
}

std::vector<Live> ProcessProvider::list() const {
  std::vector<Live> all;
  for (const auto& [id, instance] : instances_) {
    if (!instance->starting()) all.push_back(live(*instance));
  }
  return all;
}

Live ProcessProvider::live(const Instance& instance) const {
  return {
      .instance = instance.id,
      .group = instance.record.group,
      .version = instance.record.version,
      .address = fmt::format("127.0.0.1:{}", instance.record.port),
      .pid = instance.record.process.pid,
      .started = instance.record.started,
      .adopted = instance.adopted,
      .stopping = instance.record.stopping,
      .devices = instance.record.devices,
  };
}

std::optional<Usage> ProcessProvider::usage(const std::string& id) {
  const auto it = instances_.find(id);
  if (it == instances_.end() || it->second->starting()) return std::nullopt;
  Instance& instance = *it->second;
  const Time now = surroundings_.reactor.clock().now();
  return instance.meter->read(instance.family->use(table_, now), now);
}

Capacity ProcessProvider::capacity() const { return {devices_.free(), ports_.free()}; }

std::vector<std::string> ProcessProvider::log_tail(const std::string& id, std::size_t lines) const {
  const auto path = logs_.path_of(id);
  return path ? tail(*path, lines) : std::vector<std::string>();
}

std::optional<std::string> ProcessProvider::log_path(const std::string& id) const {
  return logs_.path_of(id);
}

void ProcessProvider::supply(std::uint16_t first_port, std::uint16_t last_port,
                             std::vector<std::string> devices) {
  ports_.set_range(first_port, last_port);
  devices_.set(std::move(devices));
}

void ProcessProvider::sweep() {
  logs_.rotate_all();
  std::erase_if(leaving_, [](const auto& cgroup) { return cgroup->remove(); });
  const Time now = surroundings_.reactor.clock().now();
  // Once more after the start: a child that an earlier weir was just starting may have been unseen.
  if (!std::exchange(swept_, true)) find_strays();
  std::erase_if(strays_, [](const Stray& stray) { return !alive(stray.id); });
  for (const Stray& stray : strays_) {
    if (now >= stray.force_at) send_signal(stray.id, SIGKILL);
  }
  reap_orphans(instances_);
  sweeper_.set(now + options_.patience.sweep);
}

}  // namespace weir::fleet
