#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "aws/cbor.h"
#include "aws/codec.h"
#include "aws/json.h"
#include "aws/protocol_cases.h"
#include "aws/rest.h"
#include "aws/text.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

// By name: cases that say nothing of what a server writes, and why.
constexpr std::pair<std::string_view, std::string_view> kExcepted[] = {
    {"RestJsonDeserializesDenseSetMapAndSkipsNull", "a client drops what a server must not send"},
    {"RpcV2CborDeserializesDenseSetMapAndSkipsNull", "likewise"},
    {"Ec2ComplexError", "the message is in the body alone: the case gives none to write"},
    {"ComplexError", "likewise"},
    {"legacy/json/3.1", "its model calls a map a string"},
};

bool is_excepted(std::string_view name) {
  for (const auto& [excepted, why] : kExcepted) {
    if (name == excepted) return true;
  }
  return false;
}

WireResponse encoded(const ProtocolCase& one) {
  const Service& service = one.model->service();
  if (!one.data.contains("errorCode")) {
    Value output = Structure{};
    if (one.operation->output.shape && one.data.contains("result")) {
      output = value_from_case(one.operation->output, one.data["result"]);
    }
    return encode_output(service, one.protocol, *one.operation, output, "request");
  }
  Fault fault(one.data["errorCode"].get<std::string>(), one.data.value("errorMessage", ""));
  const Shape* shape = service.find_error(fault.code);
  if (shape && one.data.contains("error")) {
    for (const Member& member : shape->members) {
      const auto found = one.data["error"].find(std::string(member.name));
      if (found != one.data["error"].end()) {
        fault = std::move(fault).with(std::string(member.name), value_from_case(member, *found));
      }
    }
  }
  return encode_fault(&service, one.protocol, fault, "request");
}

WireResponse wanted(const ProtocolCase& one) {
  const auto& from = one.data["response"];
  WireResponse made{.status = from.value("status_code", 200)};
  made.body = from.value("body", "");
  if (one.protocol == Protocol::cbor) made.body = decode_base64(made.body).value_or("");
  const auto headers = from.value("headers", nlohmann::ordered_json::object());
  for (const auto& [name, value] : headers.items()) {
    std::string small = name;
    for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    made.headers.push_back({small, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  return made;
}

bool is_xml(Protocol protocol) {
  return protocol == Protocol::query || protocol == Protocol::ec2 || protocol == Protocol::rest_xml;
}

std::string normal(Protocol protocol, std::string_view body) {
  if (protocol == Protocol::cbor) return normal_cbor(body);
  if (is_xml(protocol) && body.find('<') != std::string_view::npos) return normal_xml(body);
  return body.starts_with('{') || body.starts_with('[') ? normal_json(body) : std::string(body);
}

// The element of the name within the text, as text; all of it where there is none.
std::string element(std::string_view text, std::string_view name) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) return std::string(text);
  pugi::xml_node node =
      document.find_node([&](const pugi::xml_node& at) { return at.name() == name; });
  if (!node) node = document.document_element();
  std::ostringstream out;
  node.print(out, "", pugi::format_raw);
  return out.str();
}

Value from_body(Protocol protocol, const Member& member, std::string_view body) {
  Reading reading;
  if (body.empty()) return {};
  const Kind kind = member.shape->kind;
  const bool rest = protocol == Protocol::rest_json || protocol == Protocol::rest_xml;
  if (rest && (kind == Kind::blob || kind == Kind::string)) return std::string(body);
  if (is_xml(protocol)) return read_xml_value(member, body, reading).value_or(Value());
  const auto parsed = protocol == Protocol::cbor ? parse_cbor(body) : parse_json(body);
  return parsed ? read_json_value(member, *parsed, reading) : Value();
}

// Some shapes take all headers: without those that every answer has, and each once.
WireRequest with_headers(const WireResponse& response) {
  WireRequest made;
  for (const Header& header : response.headers) {
    const bool ours = header.name == "x-amzn-requestid" || header.name == "content-type";
    if (!ours && !made.header(header.name)) made.headers.push_back(header);
  }
  return made;
}

// An answer as a client reads it: what its model knows, and the status.
std::string read_output(const ProtocolCase& one, const WireResponse& response) {
  const Operation& operation = *one.operation;
  if (!operation.output.shape) return fmt::format("{}", response.status);
  const Shape& shape = *operation.output.shape;
  Structure empty;
  empty.members.resize(shape.members.size());
  Value value = empty;
  const int payload = shape.payload.empty() ? -1 : shape.find(shape.payload);
  if (payload >= 0) {
    const auto at = static_cast<std::size_t>(payload);
    value.as<Structure>()->members[at] = from_body(one.protocol, shape.members[at], response.body);
  } else {
    const std::string body = one.protocol == Protocol::query
                                 ? element(response.body, operation.result_wrapper)
                                 : response.body;
    Value read = from_body(one.protocol, operation.output, body);
    if (read.as<Structure>()) value = std::move(read);
  }
  Reading reading;
  const WireRequest headers = with_headers(response);
  if (one.protocol == Protocol::rest_json || one.protocol == Protocol::rest_xml) {
    read_bindings(shape, {}, headers, *value.as<Structure>(), reading);
  }
  return fmt::format("{} {}", response.status, shown(value));
}

std::string header_of(const WireResponse& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

// aws.protocoltests#Foo:http://... is Foo.
std::string bare(std::string code) {
  code = code.substr(0, code.find(':'));
  return code.substr(code.rfind('#') + 1);
}

// The code as each of the clients looks for it, the message, and the members of the error's shape.
std::string read_fault(const ProtocolCase& one, const WireResponse& response) {
  std::string code, message;
  Member whole;
  whole.shape = one.model->service().find_error(one.data["errorCode"].get<std::string>());
  Value members;
  if (is_xml(one.protocol)) {
    const std::string error = element(response.body, "Error");
    pugi::xml_document document;
    document.load_string(error.c_str());
    code = document.document_element().child_value("Code");
    message = document.document_element().child_value("Message");
    if (message.empty()) message = document.document_element().child_value("message");
    if (whole.shape) members = from_body(one.protocol, whole, error);
  } else {
    const auto parsed =
        one.protocol == Protocol::cbor ? parse_cbor(response.body) : parse_json(response.body);
    const auto body = parsed ? *parsed : nlohmann::json::object();
    code = header_of(response, "x-amzn-errortype");
    if (code.empty()) code = body.value("__type", body.value("code", ""));
    message = body.value("message", body.value("Message", ""));
    if (whole.shape) members = from_body(one.protocol, whole, response.body);
    const std::string query = header_of(response, "x-amzn-query-error");
    if (!query.empty()) code = query.substr(0, query.find(';'));
  }
  Reading reading;
  const WireRequest headers = with_headers(response);
  auto* held = members.as<Structure>();
  if (held) read_bindings(*whole.shape, {}, headers, *held, reading);
  for (std::size_t i = 0; held && i < held->members.size(); ++i) {
    const std::string_view name = whole.shape->members[i].name;
    if (name == "message" || name == "Message" || name == "Code") held->members[i] = {};
  }
  if (held && std::none_of(held->members.begin(), held->members.end(),
                           [](const Value& value) { return value.given(); })) {
    members = {};
  }
  return fmt::format("{} {} '{}' {}", response.status, bare(code), message, shown(members));
}

TEST(ProtocolOutput, EachResultIsWrittenAsClientsReadIt) {
  const auto cases = protocol_cases("output");
  if (cases.empty()) GTEST_SKIP() << "tests/fixtures/aws/protocol-cases is missing";
  std::size_t excepted = 0, alike = 0;

  for (const ProtocolCase& one : cases) {
    if (is_excepted(one.name)) {
      ++excepted;
      continue;
    }
    if (one.operation->streams) continue;  // event_stream_test.cc
    const WireResponse got = encoded(one);
    const WireResponse expected = wanted(one);
    // The body is the same; or, where a case shows what a lenient client takes (fields that nobody
    // knows, offsets of time, codes under other names), a client reads the same from both.
    if (normal(one.protocol, expected.body) == normal(one.protocol, got.body)) ++alike;
    const bool failed = one.data.contains("errorCode");
    const auto read = failed ? read_fault : read_output;
    EXPECT_EQ(read(one, expected), read(one, got))
        << one.name << "\n  wanted " << expected.body << "\n  got    " << got.body;
  }

  EXPECT_EQ(excepted, 5u);  // with those of the input: at most one in fifty of all
  EXPECT_GE(alike, 320u);   // the others are read alike
}

}  // namespace
}  // namespace weir::aws
