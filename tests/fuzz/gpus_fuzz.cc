// What nvidia-smi prints: a device has a name and figures in their range, whatever was read.
// sources: src/fleet/gpus.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fleet/gpus.h"

namespace {

bool is_percent(const std::optional<double>& value) {
  return !value || (*value >= 0 && *value <= 100);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto gpus = fleet::parse_gpus(text);
  if (!gpus) {
    CHECK(!gpus.error().message.empty());
    return 0;
  }
  std::vector<std::string> names;
  for (const fleet::Gpu& gpu : *gpus) {
    CHECK(!gpu.index.empty() && !gpu.uuid.empty());
    CHECK(is_percent(gpu.busy_percent) && is_percent(gpu.memory_percent));
    names.push_back(gpu.index);
  }
  const fleet::GpuUse use = fleet::use_of(*gpus, names);
  CHECK(is_percent(use.busy_percent) && is_percent(use.memory_percent));
  return 0;
}
