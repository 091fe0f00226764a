// ProcessProvider: instances are child processes of this machine. Private to this folder.
//
// launch.cc starts them, end.cc ends them and tells of it, adopt.cc takes over those of an earlier
// weir, process.cc holds the rest.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/scope.h"
#include "fleet/process/alarm.h"
#include "fleet/process/cgroup.h"
#include "fleet/process/instance.h"
#include "fleet/process/log_store.h"
#include "fleet/process/ports.h"
#include "fleet/provider.h"

namespace weir::fleet {

// Lines of an instance's log that go with the word of its end.
inline constexpr std::size_t kLastLines = 20;

// How it waits; tests are less patient.
struct Patience {
  Duration sweep = 1s;         // rotation of logs, cgroups to be removed, strays
  Duration stray_grace = 10s;  // between SIGTERM and SIGKILL of what has no record
  Duration first_look = 5ms;   // at what is left of an instance; then twice as long each time
  Duration longest_look = 250ms;
};

class ProcessProvider final : public Provider {
 public:
  // What is written there instead of Surroundings' defaults; for tests.
  struct Options {
    Patience patience;
    LogLimits logs;
    std::optional<Folders> cgroups;  // where weir itself is; empty folders: none can be made
  };

  ProcessProvider(Surroundings surroundings, Options options);
  ~ProcessProvider() override;

  // Once, before anything else.
  Result<> start();

  Task<> stop() override;
  Task<Result<Live>> launch(LaunchSpec spec) override;
  Result<> terminate(const std::string& instance, Duration grace) override;
  Result<> pause(const std::string& instance, bool on) override;
  std::vector<Live> list() const override;
  std::optional<Usage> usage(const std::string& instance) override;
  Capacity capacity() const override;
  std::vector<std::string> log_tail(const std::string& instance, std::size_t lines) const override;
  std::optional<std::string> log_path(const std::string& instance) const override;
  void supply(std::uint16_t first_port, std::uint16_t last_port,
              std::vector<std::string> devices) override;

 private:
  struct Stray {
    ProcessId id;
    Time force_at;
  };

  // launch.cc
  Task<Result<Live>> launch_recorded(Instance& instance, LaunchSpec spec);
  Result<> prepare(Instance& instance, const LaunchSpec& spec);
  Result<> start_command(Instance& instance, const Launch& launch);
  void release(Instance& instance);
  void watch(Instance& instance);
  Task<Result<>> save(std::string id, std::string record);

  // end.cc
  void ask_to_stop(Instance& instance);
  void leader_ended(Instance& instance);
  void look(Instance& instance);
  void look_again(Instance& instance);
  void kill(Instance& instance);
  void finish(Instance& instance);
  std::string final_cause(const Instance& instance) const;
  Task<> save_stopping(std::string id, std::string record);

  // adopt.cc
  void adopt();
  void adopt_one(const std::string& id, Record record);
  void report_gone(const std::string& id, Record record);
  void find_strays();

  // process.cc
  void sweep();
  Live live(const Instance& instance) const;

  Surroundings surroundings_;
  Options options_;
  std::string boot_ = boot_id();
  Cgroups cgroups_;
  Ports ports_;
  Devices devices_;
  LogStore logs_;
  ProcessTable table_;
  std::map<std::string, std::unique_ptr<Instance>> instances_;
  std::vector<Stray> strays_;
  std::vector<std::unique_ptr<Cgroup>> leaving_;  // cgroups that could not be removed yet
  Alarm sweeper_;
  bool swept_ = false;
  bool stopped_ = false;
  std::size_t launching_ = 0;
  net::Signal launched_;  // one less is being launched
  Scope scope_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // for messages that may come late
};

}  // namespace weir::fleet
