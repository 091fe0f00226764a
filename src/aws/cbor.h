// CBOR (RFC 8949) as Smithy's RPC v2 uses it. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "aws/value.h"
#include "base/result.h"

namespace weir::aws {

// Definite and indefinite lengths, floats of 16, 32 and 64 bits; tags are read over (a timestamp is
// its number), undefined is null, byte strings are binary. At most kDeepest levels and
// kMostValues values, and nothing behind the item. read_json_value makes a value of it.
Result<nlohmann::json> parse_cbor(std::string_view bytes);

// Definite lengths; a timestamp has tag 1.
std::string write_cbor_value(const Member& member, const Value& value);

// The pieces, for errors.
void append_cbor_map(std::string& out, std::size_t entries);
void append_cbor_text(std::string& out, std::string_view text);

}  // namespace weir::aws
