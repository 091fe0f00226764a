// Values as JSON, and as the tree that JSON and CBOR share. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "aws/reading.h"
#include "aws/value.h"
#include "base/result.h"

namespace weir::aws {

// The error names the place of the first mistake.
Result<nlohmann::json> parse_json(std::string_view text);

// `format` is what the shape's timestamps are where it does not say so itself.
Value read_json_value(const Member& member, const nlohmann::json& from, Reading& reading);

// Members that are not given are left out.
std::string write_json_value(const Member& member, const Value& value,
                             TimeFormat format = TimeFormat::unix_seconds);
// Of a document, which has no shape.
std::string write_document(const Value& value);
Value document_of(const nlohmann::json& from);

// A JSON string with its quotes.
std::string json_quoted(std::string_view text);

}  // namespace weir::aws
