// Launch: what an instance is made of. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/units.h"
#include "model/names.h"

namespace weir {

// What an instance is. The provider `process` starts a command.
struct Launch {
  std::string provider = "process";
  Names command;  // argv; ${WEIR_PORT}, ${WEIR_INSTANCE} are replaced
  Named<std::string> environment;
  std::string directory;          // working directory; default: weir's own
  std::string user;               // default: weir's own
  double cpus = 0;                // 0 is unlimited
  Bytes memory{0};                // 0 is unlimited
  std::uint32_t processes = 0;    // most processes and threads; 0 is unlimited
  std::uint32_t gpus = 0;         // devices given by CUDA_VISIBLE_DEVICES
  Duration stop_grace = 30s;      // between SIGTERM and SIGKILL, once the last stream has ended
  Duration start_timeout = 600s;  // to become healthy; then it is replaced
  std::string zone;
  bool operator==(const Launch&) const = default;
};

}  // namespace weir
