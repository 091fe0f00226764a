// Configuration: what loads without a mistake is written as YAML and JSON that load to the same.
// sources: src/config/checks.cc src/config/files.cc src/config/json.cc src/config/manual.cc
// sources: src/config/mistake.cc src/config/node.cc src/config/reader.cc src/config/scalars.cc
// sources: src/config/suggest.cc src/config/type.cc src/config/utf8.cc src/config/yaml.cc src/config/yaml_write.cc
// sources: src/model/*.cc src/base/regex.cc src/base/rate.cc src/base/regex_compile.cc src/base/siphash.cc src/base/units.cc src/base/check.cc src/base/cron*.cc src/base/wall_time.cc
// libraries: yaml-cpp fmt cctz
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/desired_decode.h"
#include "model/desired_encode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const weir::Host host;
  const weir::Loaded loaded = weir::load_text(text, "fuzz", host);
  for (const weir::Mistake& mistake : loaded.mistakes) CHECK(!weir::to_string(mistake).empty());
  (void)weir::load_json(text, "fuzz", host);
  if (!loaded.good()) return 0;
  const weir::Loaded yaml = weir::load_text(weir::export_yaml(loaded.desired), "yaml", host);
  CHECK(yaml.good() && yaml.desired == loaded.desired);
  const weir::Loaded json = weir::load_json(weir::export_json(loaded.desired), "json", host);
  CHECK(json.good() && json.desired == loaded.desired);
  CHECK(weir::differences(loaded.desired, yaml.desired).empty());
  return 0;
}
