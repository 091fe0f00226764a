// Event streams: what is read, written and read again is the same message.
// sources: src/aws/event_stream.cc src/aws/json_write.cc src/aws/xml_write.cc src/aws/text.cc src/aws/timestamp.cc
// sources: src/base/check.cc
// libraries: fmt zlib
#include <cstddef>
#include <cstdint>

#include "aws/event_stream.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::aws;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  while (true) {
    const auto message = read_event_message(bytes);
    if (!message || !*message) break;
    const std::string written = write_event_message(**message);
    std::string_view rest = written;
    const auto again = read_event_message(rest);
    CHECK(again.has_value() && again->has_value() && rest.empty());
    CHECK((*again)->headers == (*message)->headers && (*again)->payload == (*message)->payload);
  }
  return 0;
}
