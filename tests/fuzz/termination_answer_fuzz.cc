// Answers of termination commands: ids, or one reason why there are none.
// sources: src/control/termination_answer.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "control/termination_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ids = weir::control::parse_termination_answer(text);
  if (ids) {
    for (const auto& id : *ids) CHECK(id.size() <= size);
  } else {
    CHECK(!ids.error().message.empty());
  }
  return 0;
}
