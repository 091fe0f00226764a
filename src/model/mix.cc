#include "model/mix.h"

namespace weir {
namespace {

template <class T>
void replace(T& value, const std::optional<T>& by) {
  if (by) value = *by;
}

}  // namespace

Launch launch_of(const Launch& group, const LaunchOverrides& overrides) {
  Launch launch = group;
  replace(launch.command, overrides.command);
  for (const auto& [name, value] : overrides.environment) launch.environment[name] = value;
  replace(launch.directory, overrides.directory);
  replace(launch.user, overrides.user);
  replace(launch.cpus, overrides.cpus);
  replace(launch.memory, overrides.memory);
  replace(launch.processes, overrides.processes);
  replace(launch.gpus, overrides.gpus);
  replace(launch.stop_grace, overrides.stop_grace);
  replace(launch.start_timeout, overrides.start_timeout);
  replace(launch.zone, overrides.zone);
  return launch;
}

}  // namespace weir
