// Expressions: the first line is one, the rest the text. What compiles is small; matches() and
// find() agree; what was found lies in the text, its groups in what was found, and it is found
// again there.
// sources: src/base/regex.cc src/base/regex_compile.cc src/base/check.cc
// libraries: fmt
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/regex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = std::min(input.find('\n'), input.size());
  const std::string_view text = input.substr(std::min(line + 1, input.size()));
  for (const bool ignore_case : {false, true}) {
    const auto made = weir::Regex::compile(input.substr(0, line), ignore_case);
    if (!made) {
      CHECK(!made.error().message.empty());
      continue;
    }
    CHECK(line <= weir::Regex::kLongest);
    const auto found = made->find(text);
    CHECK(found.has_value() == made->matches(text));
    if (!found) continue;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    CHECK(found->whole.data() >= begin && found->whole.data() + found->whole.size() <= end);
    for (const std::string_view group : found->groups) {
      if (!group.data()) continue;
      CHECK(group.data() >= found->whole.data() &&
            group.data() + group.size() <= found->whole.data() + found->whole.size());
    }
  }
  return 0;
}
