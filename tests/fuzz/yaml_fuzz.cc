// YAML: no text breaks the reader; UTF-8 that it reads without a complaint reads back once written.
// sources: src/config/yaml.cc src/config/yaml_write.cc src/config/node.cc src/config/reader.cc
// sources: src/config/mistake.cc src/config/scalars.cc src/config/suggest.cc src/config/checks.cc
// sources: src/config/type.cc src/config/utf8.cc src/base/units.cc src/base/check.cc
// sources: src/base/log_format.cc
// libraries: yaml-cpp fmt
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/log_format.h"
#include "config/yaml.h"

namespace {

using weir::config::Entry;
using weir::config::Node;

bool is_utf8(std::string_view text) {
  std::string escaped;  // what is not UTF-8 becomes U+FFFD there
  weir::append_json_string(escaped, text);
  const auto count = [](std::string_view in) {
    std::size_t found = 0;
    for (auto at = in.find("\xef\xbf\xbd"); at != in.npos; at = in.find("\xef\xbf\xbd", at + 3)) {
      ++found;
    }
    return found;
  };
  return count(escaped) == count(text);
}

// YAML itself ends a key on one line at 1024 characters; escaped, a byte may take four.
bool has_long_key(const Node& node) {
  return std::any_of(node.items.begin(), node.items.end(), has_long_key) ||
         std::any_of(node.entries.begin(), node.entries.end(), [](const Entry& entry) {
           return entry.key.size() > 250 || has_long_key(entry.value);
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::config::Findings findings;
  const Node node = weir::config::parse_yaml(text, 0, findings);
  if (!findings.empty() || !is_utf8(text) || has_long_key(node)) return 0;
  const std::string written = weir::config::write_yaml(node);
  weir::config::Findings none;
  const Node again = weir::config::parse_yaml(written, 0, none);
  CHECK(none.empty());
  CHECK(again == node);
  return 0;
}
