// Answers of a metadata service, and the addresses where it is asked: a notice is a moment of the
// years that times have here; a URL's parts have no more in them than they may.
// sources: src/scale/notice.cc src/model/plain_url.cc src/base/wall_time.cc src/base/units.cc
// sources: src/config/json.cc src/config/node.cc src/config/mistake.cc src/config/reader.cc
// sources: src/config/suggest.cc src/config/utf8.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/units.h"
#include "model/plain_url.h"
#include "scale/notice.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto at = scale::parse_notice(text)) {
    const std::string year = to_string(*at).substr(0, 4);
    CHECK(year >= "1970" && year <= "2201");
  }
  if (const auto url = parse_plain_url(text)) {
    CHECK(!url->host.empty() && url->port > 0);
    CHECK(url->path.starts_with('/'));
    CHECK((url->host + url->path).find_first_of(" \r\n\t") == std::string::npos);
  }
  return 0;
}
