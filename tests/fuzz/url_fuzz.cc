// URLs of webhooks: what is read can be sent in a request head as it stands, and reads the same
// again.
// sources: src/model/url.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "model/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;  // NOLINT: a fuzzer of this namespace
  const auto url = parse_url(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!url) {
    CHECK(!url.error().message.empty());
    return 0;
  }
  CHECK(!url->host.empty() && url->port > 0 && url->target.starts_with('/'));
  const std::string again = (url->tls ? "https://" : "http://") + authority_of(*url) + url->target;
  for (const char c : again) CHECK(c > ' ' && c < 0x7f);
  const auto second = parse_url(again);
  CHECK(second && *second == *url);
  return 0;
}
