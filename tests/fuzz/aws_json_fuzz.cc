// Bodies of the wire form json: what is
// read, written, read and written again gives the same text twice.
// sources: src/aws/model.cc src/aws/shape.cc src/aws/wire.cc src/aws/text.cc src/aws/timestamp.cc src/aws/reading.cc
// sources: src/aws/form.cc src/aws/json_*.cc src/aws/cbor_*.cc src/aws/xml_*.cc src/aws/rest.cc src/aws/event_stream.cc
// sources: src/aws/decode.cc src/aws/encode.cc src/aws/validate.cc src/aws/pattern.cc
// sources: src/base/regex.cc src/base/regex_compile.cc src/base/check.cc src/base/frame_pool.cc
// libraries: fmt pugixml zlib
#include "aws_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::aws;
  static const auto model = fuzz_model("json");
  const Service& service = model->service();
  const Operation& operation = service.operations[0];
  const Protocol protocol = service.protocols[0];
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto first = decode(service, input);
  const Value* value = checked(service, first);
  if (!value) return 0;
  const std::string written = encode_output(service, protocol, operation, *value, "id").body;
  const auto second = decode(service, written);
  CHECK(second.has_value());
  CHECK(encode_output(service, protocol, operation, second->input, "id").body == written);
  return 0;
}
