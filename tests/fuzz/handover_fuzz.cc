// Hand-over lines: no text breaks them; what is read is written in a form that reads as the same.
// sources: src/control/handover_lines.cc src/base/check.cc
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "control/handover.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto said = weir::control::parse_handover(text)) {
    const std::string line = to_line(*said);
    const auto again = weir::control::parse_handover(line);
    CHECK(again && to_line(*again) == line);
  }
  if (const auto load = weir::control::parse_load(text)) {
    const std::string line = weir::control::load_line(*load);
    const auto again = weir::control::parse_load(line);
    CHECK(again && weir::control::load_line(*again) == line);
  }
  return 0;
}
