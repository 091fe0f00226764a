#include "fleet/gpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weir::fleet {
namespace {

constexpr std::size_t kMost = 1024;  // devices of one machine

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto comma = line.find(',');
    fields.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

// A number of at least 0; nothing where the device does not tell. False: neither.
bool read(std::string_view text, std::optional<double>& value) {
  if (text.starts_with('[') && text.ends_with(']')) return true;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (!std::isfinite(number) || number < 0 || number > 1e12) return false;
  value = number;
  return true;
}

std::optional<Gpu> gpu_of(std::string_view line) {
  const auto fields = fields_of(line);
  if (fields.size() != 5 || fields[0].empty() || fields[1].empty()) return std::nullopt;
  Gpu gpu;
  gpu.index = fields[0];
  gpu.uuid = fields[1];
  std::optional<double> used, total;
  if (!read(fields[2], gpu.busy_percent)) return std::nullopt;
  if (!read(fields[3], used) || !read(fields[4], total)) return std::nullopt;
  if (gpu.busy_percent) gpu.busy_percent = std::min(*gpu.busy_percent, 100.0);
  if (used) gpu.memory_mib = static_cast<std::uint64_t>(*used);
  if (used && total && *total > 0) gpu.memory_percent = std::min(100 * *used / *total, 100.0);
  return gpu;
}

bool is_called(const Gpu& gpu, std::string_view device) {
  return gpu.index == device || (device.size() > 4 && gpu.uuid.starts_with(device));
}

void add(std::optional<double>& sum, std::uint32_t& count, const std::optional<double>& value) {
  if (!value) return;
  sum = sum.value_or(0) + *value;
  ++count;
}

}  // namespace

Result<std::vector<Gpu>> parse_gpus(std::string_view text) {
  std::vector<Gpu> gpus;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto gpu = gpu_of(line);
    if (!gpu || gpus.size() == kMost) {
      return fail(Code::invalid,
                  fmt::format("line {} does not name a device and its figures", number));
    }
    gpus.push_back(std::move(*gpu));
  }
  return gpus;
}

GpuUse use_of(std::span<const Gpu> gpus, std::span<const std::string> devices) {
  GpuUse use;
  std::uint32_t busy = 0, memory = 0;
  for (const std::string& device : devices) {
    const auto gpu = std::ranges::find_if(gpus, [&](const Gpu& g) { return is_called(g, device); });
    if (gpu == gpus.end()) continue;
    add(use.busy_percent, busy, gpu->busy_percent);
    add(use.memory_percent, memory, gpu->memory_percent);
  }
  if (busy > 0) *use.busy_percent /= busy;
  if (memory > 0) *use.memory_percent /= memory;
  return use;
}

}  // namespace weir::fleet
