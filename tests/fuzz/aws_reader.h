// What the fuzzers of the AWS wire forms share: a model with every kind of member, and a property
// that holds for all six. What was read is checked, written, read again and written again: both
// texts agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aws/codec.h"
#include "aws/model.h"
#include "aws/validate.h"
#include "base/check.h"

namespace weir::aws {

inline constexpr std::string_view kShapes = R"(
  "operations": {"Go": {"name": "Go", "http": {"method": "POST", "requestUri": "/go/{Id}/{Rest+}?x=1"},
                        "input": {"shape": "All", "locationName": "All"}, "output": {"shape": "All", "resultWrapper": "GoResult"}}},
  "shapes": {
    "All": {"type": "structure", "required": ["Text"], "members": {
      "Text": {"shape": "Text"}, "Small": {"shape": "Small"}, "Large": {"shape": "Large"}, "Real": {"shape": "Real"},
      "Flag": {"shape": "Flag"}, "When": {"shape": "When"}, "Date": {"shape": "Date"}, "Bytes": {"shape": "Bytes"},
      "Texts": {"shape": "Texts"}, "Deeper": {"shape": "All"}, "Many": {"shape": "Many"},
      "Map": {"shape": "Map"}, "Flat": {"shape": "Texts", "flattened": true},
      "Attribute": {"shape": "Text", "xmlAttribute": true}, "Word": {"shape": "Word"}MORE}},
    "Text": {"type": "string", "min": 1, "max": 9, "pattern": "[a-z]*"}, "Word": {"type": "string", "enum": ["a", "b"]},
    "Small": {"type": "integer", "min": 0}, "Large": {"type": "long"}, "Real": {"type": "double", "max": 5},
    "Flag": {"type": "boolean"}, "When": {"type": "timestamp"}, "Date": {"type": "timestamp", "timestampFormat": "rfc822"},
    "Bytes": {"type": "blob"}, "Texts": {"type": "list", "member": {"shape": "Text"}},
    "Many": {"type": "list", "member": {"shape": "All", "locationName": "item"}, "max": 3},
    "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "All"}}}})";

// What the REST forms have beside the body.
inline constexpr std::string_view kBindings = R"(,
      "Id": {"shape": "Text", "location": "uri"}, "Rest": {"shape": "Text", "location": "uri"},
      "Q": {"shape": "Texts", "location": "querystring"}, "H": {"shape": "Texts", "location": "header"},
      "D": {"shape": "Dates", "location": "header"}, "P": {"shape": "Strings", "location": "headers", "locationName": "x-"})";
inline constexpr std::string_view kBindingShapes = R"(,
    "Dates": {"type": "list", "member": {"shape": "Date"}},
    "Strings": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}}}})";

inline std::unique_ptr<Model> fuzz_model(std::string_view protocol) {
  const bool rest = protocol.starts_with("rest");
  std::string text(kShapes);
  text.replace(text.find("MORE"), 4, rest ? kBindings : "");
  if (rest) text.replace(text.size() - 2, 2, kBindingShapes);
  auto model = Model::read("fuzz", R"({"metadata": {"protocol": ")" + std::string(protocol) +
                                       R"(", "apiVersion": "2026-01-01"}, )" + text);
  CHECK(model.has_value());
  return *std::move(model);
}

inline Reply<Decoded> decode(const Service& service, std::string_view body) {
  WireRequest request{
      .method = "POST", .path = "/go/a/b", .query = "x=1", .headers = {}, .body = {}};
  const Protocol protocol = service.protocols[0];
  return decode_input(service, protocol, service.operations[0], request, body);
}

// For the REST forms the first line is the path and the query, the second a header's value.
inline WireRequest fuzz_request(std::string_view& input) {
  WireRequest request{.method = "POST", .path = {}, .query = {}, .headers = {}, .body = {}};
  const auto line = [&] {
    const auto end = input.find('\n');
    const std::string_view taken = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return taken;
  };
  const std::string_view uri = line();
  const auto mark = uri.find('?');
  request.path = uri.substr(0, mark);
  if (mark != std::string_view::npos) request.query = uri.substr(mark + 1);
  const std::string value(line());
  for (const char* name : {"h", "d", "x-a"}) request.headers.push_back({name, value});
  return request;
}

// Checks what was read; gives it.
inline const Value* checked(const Service& service, const Reply<Decoded>& read) {
  const Protocol protocol = service.protocols[0];
  if (!read) {
    const auto answer = encode_fault(&service, protocol, read.error(), "id");
    CHECK(answer.status == 400 && !answer.body.empty());
    return nullptr;
  }
  const auto fault = validate(service.operations[0].input, read->input, {}, "ValidationError");
  CHECK(!fault || fault->message.find("validation error") != std::string::npos);
  return &read->input;
}

}  // namespace weir::aws
