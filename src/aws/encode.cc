#include <fmt/format.h>

#include "aws/cbor.h"
#include "aws/codec.h"
#include "aws/event_stream.h"
#include "aws/json.h"
#include "aws/rest.h"
#include "aws/text.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

constexpr std::string_view kRequestId = "x-amzn-requestid";

WireResponse answer(int status, std::string_view type, std::string_view request_id) {
  WireResponse made{.status = status};
  if (!type.empty()) made.headers.push_back({"content-type", std::string(type)});
  made.headers.push_back({std::string(kRequestId), std::string(request_id)});
  return made;
}

std::string_view xml_type(Protocol protocol) {
  return protocol == Protocol::rest_xml ? "application/xml" : "text/xml;charset=UTF-8";
}

std::string_view json_type(const Service* service) {
  return service && service->json_version == "1.0" ? "application/x-amz-json-1.0"
                                                   : "application/x-amz-json-1.1";
}

// EC2 answers in the namespace of its model with a slash behind it.
std::string answer_namespace(Protocol protocol, const Service* service) {
  if (!service || service->xml_namespace.empty()) return {};
  std::string space(service->xml_namespace);
  if (protocol == Protocol::ec2 && !space.ends_with('/')) space += '/';
  return space;
}

std::string_view or_else(std::string_view name, std::string_view other) {
  return name.empty() ? other : name;
}

WireResponse query_output(const Service& service, Protocol protocol, const Operation& operation,
                          const Value& output, std::string_view request_id) {
  WireResponse made = answer(200, xml_type(protocol), request_id);
  XmlWriter xml(made.body);
  const std::string root = std::string(operation.name) + "Response";
  xml.open(root, answer_namespace(protocol, &service));
  const auto* held = output.as<Structure>();
  if (protocol == Protocol::ec2) {
    xml.element("requestId", request_id);
    if (!operation.output.shape) xml.element("return", "true");
    if (held && operation.output.shape) xml.members(*operation.output.shape, *held);
  } else {
    if (operation.output.shape) {
      if (!operation.result_wrapper.empty()) xml.open(operation.result_wrapper);
      if (held) xml.members(*operation.output.shape, *held);
      if (!operation.result_wrapper.empty()) xml.close(operation.result_wrapper);
    }
    xml.open("ResponseMetadata");
    xml.element("RequestId", request_id);
    xml.close("ResponseMetadata");
  }
  xml.close(root);
  return made;
}

bool has_header(const WireResponse& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return true;
  }
  return false;
}

void set_type(WireResponse& response, std::string_view type) {
  if (!has_header(response, "content-type")) {
    response.headers.push_back({"content-type", std::string(type)});
  }
}

void xml_root(WireResponse& to, const Service& service, std::string_view name, const Member& member,
              const Value& value) {
  XmlWriter xml(to.body);
  Member root = member;
  if (root.xml_namespace.empty() && root.shape->xml_namespace.empty()) {
    root.xml_namespace = service.xml_namespace;
  }
  xml.value(name, root, value);
  set_type(to, "application/xml");
}

void write_payload(WireResponse& to, const Service& service, Protocol protocol,
                   const Member& member, const Value& value) {
  const Shape& shape = *member.shape;
  if (!value.given() || shape.event_stream) return;
  if (shape.kind == Kind::blob || shape.kind == Kind::string) {
    to.body = *value.as<std::string>();
    set_type(to, shape.kind == Kind::blob ? "application/octet-stream" : "text/plain");
  } else if (protocol == Protocol::rest_xml) {
    const std::string_view name = or_else(member.location_name, shape.name);
    xml_root(to, service, name, member, value);
  } else {
    to.body = write_json_value(member, value);
    set_type(to, "application/json");
  }
}

WireResponse rest_output(const Service& service, Protocol protocol, const Operation& operation,
                         const Value& output, std::string_view request_id) {
  WireResponse made = answer(operation.status, {}, request_id);
  if (!operation.output.shape) return made;
  const Shape& shape = *operation.output.shape;
  if (operation.streams) set_type(made, kEventStreamType);
  Structure held;
  if (const auto* given = output.as<Structure>()) held = *given;
  held.members.resize(shape.members.size());
  write_bindings(shape, held, made);
  if (const int payload = shape.payload.empty() ? -1 : shape.find(shape.payload); payload >= 0) {
    const auto at = static_cast<std::size_t>(payload);
    write_payload(made, service, protocol, shape.members[at], held.members[at]);
    return made;
  }
  bool in_body = shape.members.empty();
  for (const Member& member : shape.members) in_body = in_body || member.place == Place::body;
  if (protocol == Protocol::rest_json) {
    made.body = write_json_value(operation.output, held);
    set_type(made, "application/json");
  } else if (in_body) {
    const std::string_view name = or_else(operation.output.location_name, shape.name);
    xml_root(made, service, name, operation.output, held);
  }
  return made;
}

// A fault as the model of its service has it.
struct Judged {
  const Shape* shape = nullptr;
  std::string_view type;  // the shape's name
  std::string_view code;  // on the wire of query
  int status = 400;
  Structure members{};  // without the message
  std::string_view message_name = "message";
};

Judged judge(const Service* service, const Fault& fault) {
  Judged made{.type = fault.code, .code = fault.code};
  made.shape = service ? service->find_error(fault.code) : nullptr;
  if (made.shape) {
    const Shape& shape = *made.shape;
    made.type = shape.name;
    made.code = or_else(shape.error.code, shape.name);
    made.status = shape.error.status != 0 ? shape.error.status : shape.error.server ? 500 : 400;
    made.members.members.resize(shape.members.size());
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      const bool is_message = member.name == "message" || member.name == "Message";
      if (is_message) made.message_name = member.wire_name();
      for (const auto& [name, value] : fault.members) {
        if (name == member.name && !is_message) made.members.members[i] = value;
      }
    }
  }
  if (fault.status != 0) made.status = fault.status;
  return made;
}

WireResponse xml_fault(const Service* service, Protocol protocol, const Judged& judged,
                       const Fault& fault, std::string_view request_id) {
  WireResponse made = answer(judged.status, xml_type(protocol), request_id);
  XmlWriter xml(made.body);
  const bool ec2 = protocol == Protocol::ec2;
  ec2 ? xml.open("Response") : xml.open("ErrorResponse", answer_namespace(protocol, service));
  if (ec2) xml.open("Errors");
  xml.open("Error");
  if (!ec2) xml.element("Type", judged.status >= 500 ? "Receiver" : "Sender");
  xml.element("Code", judged.code);
  xml.element("Message", fault.message);
  if (judged.shape) xml.members(*judged.shape, judged.members);
  xml.close("Error");
  if (ec2) xml.close("Errors");
  xml.element(ec2 ? "RequestID" : "RequestId", request_id);
  xml.close(ec2 ? "Response" : "ErrorResponse");
  if (judged.shape) write_bindings(*judged.shape, judged.members, made);
  return made;
}

// {"__type":"X","message":"..."} and what else the shape has.
std::string json_fault_body(const Judged& judged, const Fault& fault, bool with_type) {
  std::string body = "{";
  if (with_type) body += fmt::format("\"__type\":{},", json_quoted(judged.type));
  body += fmt::format("{}:{}", json_quoted(judged.message_name), json_quoted(fault.message));
  if (judged.shape) {
    const Member whole{.name = {}, .shape = judged.shape};
    const std::string members = write_json_value(whole, judged.members);
    if (members != "{}") body += "," + members.substr(1, members.size() - 2);
  }
  return body + "}";
}

std::string cbor_fault_body(const Judged& judged, const Fault& fault) {
  std::string members;
  std::size_t count = 2;
  for (std::size_t i = 0; i < judged.members.members.size(); ++i) {
    if (!judged.members.members[i].given()) continue;
    ++count;
    append_cbor_text(members, judged.shape->members[i].wire_name());
    members += write_cbor_value(judged.shape->members[i], judged.members.members[i]);
  }
  std::string body;
  append_cbor_map(body, count);
  append_cbor_text(body, "__type");
  append_cbor_text(body, judged.type);
  append_cbor_text(body, judged.message_name);
  append_cbor_text(body, fault.message);
  return body + members;
}

}  // namespace

WireResponse encode_output(const Service& service, Protocol protocol, const Operation& operation,
                           const Value& output, std::string_view request_id) {
  switch (protocol) {
    case Protocol::query:
    case Protocol::ec2:
      return query_output(service, protocol, operation, output, request_id);
    case Protocol::json: {
      WireResponse made = answer(200, json_type(&service), request_id);
      made.body = operation.output.shape ? write_json_value(operation.output, output) : "{}";
      return made;
    }
    case Protocol::cbor: {
      WireResponse made = answer(200, {}, request_id);
      made.headers.push_back({"smithy-protocol", "rpc-v2-cbor"});
      if (operation.output.shape) {
        set_type(made, "application/cbor");
        made.body = write_cbor_value(operation.output, output);
      }
      return made;
    }
    default:
      return rest_output(service, protocol, operation, output, request_id);
  }
}

WireResponse encode_fault(const Service* service, Protocol protocol, const Fault& fault,
                          std::string_view request_id) {
  Judged judged = judge(service, fault);
  // The model's status is that of the query protocol, where the service began with it.
  const bool newer = protocol == Protocol::json || protocol == Protocol::cbor;
  if (newer && service && service->query_compatible && fault.status == 0) {
    judged.status = judged.status >= 500 ? 500 : 400;
  }
  if (protocol == Protocol::query || protocol == Protocol::ec2 || protocol == Protocol::rest_xml) {
    return xml_fault(service, protocol, judged, fault, request_id);
  }
  WireResponse made = answer(judged.status, {}, request_id);
  if (protocol == Protocol::cbor) {
    set_type(made, "application/cbor");
    made.headers.push_back({"smithy-protocol", "rpc-v2-cbor"});
    made.body = cbor_fault_body(judged, fault);
  } else if (protocol == Protocol::json) {
    set_type(made, json_type(service));
    made.body = json_fault_body(judged, fault, true);
  } else {
    set_type(made, "application/json");
    made.headers.push_back({"x-amzn-errortype", std::string(judged.type)});
    if (judged.shape) write_bindings(*judged.shape, judged.members, made);
    made.body = json_fault_body(judged, fault, false);
  }
  if (service && service->query_compatible) {
    made.headers.push_back(
        {"x-amzn-query-error",
         fmt::format("{};{}", judged.code, judged.status >= 500 ? "Receiver" : "Sender")});
  }
  return made;
}

}  // namespace weir::aws
