// AWS's protocol cases (tests/fixtures/aws/protocol-cases) for tests: each suite brings a small
// model, which runs through the same codecs as the services'.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "aws/model.h"
#include "aws/value.h"
#include "aws/wire.h"

namespace weir::aws {

struct ProtocolCase {
  std::string name;  // its id, or file, suite and number where it has none
  Protocol protocol = Protocol::query;
  bool legacy = false;
  std::shared_ptr<const Model> model;
  const Operation* operation = nullptr;
  nlohmann::ordered_json data;
};

// Those of "input" or "output", in the order of the files. Empty where the fixtures are missing.
std::vector<ProtocolCase> protocol_cases(std::string_view direction);

// Params and results as the cases write them: blobs are plain text, timestamps seconds.
Value value_from_case(const Member& member, const nlohmann::ordered_json& from);

// Equal as a client sees it: what is not given and what is empty are told apart, NaN is NaN.
bool same(const Value& a, const Value& b);
// For messages.
std::string shown(const Value& value);

// The form of XML, JSON or CBOR in which two bodies that say the same are the same text. What the
// server makes up (request ids, the namespace of the root) is left out.
std::string normal_xml(std::string_view text);
std::string normal_json(std::string_view text);
std::string normal_cbor(std::string_view bytes);

}  // namespace weir::aws
