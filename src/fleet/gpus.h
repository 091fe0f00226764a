// Gpus: how busy the devices are, as nvidia-smi says. Pure.
//
// Source: `nvidia-smi --help-query-gpu`. Asked for kGpuQuery in CSV without header and units, it
// prints a line a device: "0, GPU-8f6c..., 37, 20123, 81559". What a device cannot tell is
// "[N/A]", "[Not Supported]" or "[Unknown Error]".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::fleet {

inline constexpr std::string_view kGpuQuery = "index,uuid,utilization.gpu,memory.used,memory.total";

struct Gpu {
  std::string index;  // 0
  std::string uuid;   // GPU-..., or MIG-...
  std::optional<double> busy_percent;
  std::optional<double> memory_percent;
  std::uint64_t memory_mib = 0;  // of it used; 0 is unknown
  bool operator==(const Gpu&) const = default;
};

// Code::invalid names the first line that is not of that form.
Result<std::vector<Gpu>> parse_gpus(std::string_view text);

// Means over those of the devices that are known and tell; a device goes by its index or its uuid,
// of which CUDA_VISIBLE_DEVICES takes the beginning, too.
struct GpuUse {
  std::optional<double> busy_percent;
  std::optional<double> memory_percent;
};
GpuUse use_of(std::span<const Gpu> gpus, std::span<const std::string> devices);

}  // namespace weir::fleet
