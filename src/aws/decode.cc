#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/cbor.h"
#include "aws/codec.h"
#include "aws/form.h"
#include "aws/json.h"
#include "aws/rest.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

tl::unexpected<Fault> malformed(Protocol protocol, std::string message) {
  return refuse(std::string(malformed_code(protocol)), std::move(message));
}

Reply<Value> tree_value(Protocol protocol, const Member& member, std::string_view body,
                        Reading& reading) {
  const auto parsed = protocol == Protocol::cbor ? parse_cbor(body) : parse_json(body);
  if (!parsed) return malformed(protocol, "The body cannot be read: " + parsed.error().message);
  return read_json_value(member, *parsed, reading);
}

Reply<Value> document_value(Protocol protocol, const Member& member, std::string_view body,
                            Reading& reading) {
  if (protocol == Protocol::rest_json) return tree_value(protocol, member, body, reading);
  auto read = read_xml_value(member, body, reading);
  if (!read) return malformed(protocol, "The body cannot be read: " + read.error().message);
  return *std::move(read);
}

bool has_body_members(const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.place == Place::body) return true;
  }
  return false;
}

Structure empty(const Shape& shape) {
  Structure made;
  made.members.resize(shape.members.size());
  return made;
}

// The one member that is the whole body.
Reply<Value> payload_value(Protocol protocol, const Member& member, std::string_view body,
                           Reading& reading) {
  if (body.empty()) return Value();
  const Kind kind = member.shape->kind;
  if (kind == Kind::blob || kind == Kind::string) return Value(std::string(body));
  return document_value(protocol, member, body, reading);
}

Reply<Value> rest_value(Protocol protocol, const Operation& operation, const WireRequest& request,
                        std::string_view body, Reading& reading) {
  const Shape& shape = *operation.input.shape;
  Structure made = empty(shape);
  const int payload = shape.payload.empty() ? -1 : shape.find(shape.payload);
  if (payload >= 0) {
    const auto at = static_cast<std::size_t>(payload);
    TRY(made.members[at], payload_value(protocol, shape.members[at], body, reading));
  } else if (!body.empty() && has_body_members(shape)) {
    TRY(Value value, document_value(protocol, operation.input, body, reading));
    if (auto* read = value.as<Structure>()) made = std::move(*read);
  }
  const auto labels = match_uri(operation.uri, request.path, request.query);
  read_bindings(shape, labels.value_or(Labels()), request, made, reading);
  return Value(std::move(made));
}

Reply<Value> rpc_value(Protocol protocol, const Operation& operation, const WireRequest& request,
                       std::string_view body, Reading& reading) {
  switch (protocol) {
    case Protocol::query:
    case Protocol::ec2: {
      const auto form = read_form(form_of(request, body));
      if (!form) return malformed(protocol, "The body cannot be read: " + form.error().message);
      return read_form_value(operation.input, *form, protocol == Protocol::ec2, reading);
    }
    default:
      if (body.empty()) return Value(empty(*operation.input.shape));
      return tree_value(protocol, operation.input, body, reading);
  }
}

}  // namespace

Reply<Decoded> decode_input(const Service&, Protocol protocol, const Operation& operation,
                            const WireRequest& request, std::string_view body) {
  Decoded decoded{.input = Structure{}};
  if (!operation.input.shape) return decoded;
  const bool rest = protocol == Protocol::rest_xml || protocol == Protocol::rest_json;
  TRY(decoded.input, rest ? rest_value(protocol, operation, request, body, decoded.reading)
                          : rpc_value(protocol, operation, request, body, decoded.reading));
  if (!decoded.reading.malformed.empty()) {
    return malformed(protocol, fmt::format("{}", fmt::join(decoded.reading.malformed, "; ")));
  }
  return decoded;
}

std::string_view validation_code(Protocol protocol, const Service* service) {
  switch (protocol) {
    case Protocol::query:
      return "ValidationError";
    case Protocol::ec2:
      return "InvalidParameterValue";
    case Protocol::rest_xml:
      return "InvalidInput";
    default:
      // sagemaker-runtime has an error of this name.
      return service && service->find_error("ValidationError") ? "ValidationError"
                                                               : "ValidationException";
  }
}

std::string_view malformed_code(Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
      return "MalformedInput";
    case Protocol::ec2:
      return "InvalidParameterValue";
    case Protocol::rest_xml:
      return "MalformedInput";
    default:
      return "SerializationException";
  }
}

std::string_view unknown_operation_code(Protocol protocol) {
  const bool older =
      protocol == Protocol::query || protocol == Protocol::ec2 || protocol == Protocol::rest_xml;
  return older ? "InvalidAction" : "UnknownOperationException";
}

}  // namespace weir::aws
