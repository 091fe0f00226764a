// GpuWatch: asks nvidia-smi every other second how busy the devices are, on a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "fleet/gpus.h"

namespace weir::fleet {

class GpuWatch {
 public:
  // A path, or a name that is looked up in PATH; empty: nobody is asked. Where there is no such
  // program it is looked for again each minute; one that hangs is killed.
  explicit GpuWatch(std::string program);
  ~GpuWatch();
  GpuWatch(const GpuWatch&) = delete;
  GpuWatch& operator=(const GpuWatch&) = delete;

  const std::string& program() const { return program_; }
  // Any thread; does not block on the program. Nothing where it has not answered lately.
  GpuUse use_of(std::span<const std::string> devices) const;

 private:
  void loop();

  const std::string program_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Gpu> last_;
  bool ending_ = false;
  std::thread thread_;
};

// Runs it once; its answer. Blocks, at most for `patience`. Code::not_found: no such program;
// timeout; invalid: it failed, or said something else.
Result<std::vector<Gpu>> ask_gpus(const std::string& program, Duration patience);

}  // namespace weir::fleet
