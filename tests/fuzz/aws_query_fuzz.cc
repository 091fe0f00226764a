// Forms of the wire form query: what is read is written as a form, which reads as the same.
// sources: src/aws/model.cc src/aws/shape.cc src/aws/wire.cc src/aws/text.cc src/aws/timestamp.cc src/aws/reading.cc
// sources: src/aws/form.cc src/aws/json_*.cc src/aws/cbor_*.cc src/aws/xml_*.cc src/aws/rest.cc src/aws/event_stream.cc
// sources: src/aws/decode.cc src/aws/encode.cc src/aws/validate.cc src/aws/pattern.cc
// sources: src/base/regex.cc src/base/regex_compile.cc src/base/check.cc src/base/frame_pool.cc
// libraries: fmt pugixml zlib
#include "aws_form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::aws;
  static const auto model = fuzz_model("query");
  const Service& service = model->service();
  const auto first = decode(service, {reinterpret_cast<const char*>(data), size});
  const Value* value = checked(service, first);
  if (!value) return 0;
  FormWriter writer(service.protocols[0] == Protocol::ec2);
  writer.write({}, service.operations[0].input, *value);
  const auto second = decode(service, writer.text());
  CHECK(second.has_value());
  FormWriter again(service.protocols[0] == Protocol::ec2);
  again.write({}, service.operations[0].input, second->input);
  CHECK(again.text() == writer.text());
  return 0;
}
