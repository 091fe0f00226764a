#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "aws/codec.h"
#include "aws/protocol_cases.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

// Cases that say nothing of what a server reads, and why.
constexpr std::pair<std::string_view, std::string_view> kExcepted[] = {
    {"SDKAppliedContentEncoding_", "the case has no body: the client compresses it"},
    {"SDKAppendsGzipAndIgnoresHttpProvidedEncoding_", "likewise"},
    {"SDKAppendedGzipAfterProvidedEncoding_", "likewise"},
    {"legacy/rest-json/25.7", "the content type is the client's default, and a member"},
};

bool is_excepted(std::string_view name) {
  for (const auto& [prefix, why] : kExcepted) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

WireRequest request_of(const ProtocolCase& one) {
  const auto& wire = one.data["serialized"];
  WireRequest request;
  request.method = wire.value("method", std::string(one.operation->method));
  const std::string uri = wire.value("uri", "/");
  const auto mark = uri.find('?');
  request.path = uri.substr(0, mark);
  if (mark != std::string::npos) request.query = uri.substr(mark + 1);
  if (wire.contains("headers")) {
    for (const auto& [name, value] : wire["headers"].items()) {
      std::string small = name;
      for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      request.headers.push_back({small, value.get<std::string>()});
    }
  }
  const auto body = wire.find("body");
  if (body != wire.end()) {
    if (body->is_string()) {
      request.body = body->get<std::string>();
    } else {  // a form as an object of its parameters
      for (const auto& [key, value] : body->items()) {
        if (!request.body.empty()) request.body += '&';
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        request.body += key + "=";
        for (const char c : text)
          request.body +=
              c == '+' || c == '&' || c == '%' ? fmt::format("%{:02X}", c) : std::string(1, c);
      }
    }
  }
  if (one.protocol == Protocol::cbor) request.body = decode_base64(request.body).value_or("");
  return request;
}

// Has the parameter a member of its own?
bool is_bound(const Shape& shape, std::string_view parameter) {
  return std::any_of(shape.members.begin(), shape.members.end(), [&](const Member& member) {
    return member.place == Place::query && member.shape->kind != Kind::map &&
           member.wire_name() == parameter;
  });
}

bool is_empty(const Value& value) {
  if (const auto* list = value.as<List>()) return list->items.empty();
  if (const auto* map = value.as<Map>()) return map->entries.empty();
  const auto* held = value.as<Structure>();
  return held && std::none_of(held->members.begin(), held->members.end(),
                              [](const Value& member) { return member.given(); });
}

// What the wire cannot tell, so that the two sides differ by design.
void forget(const ProtocolCase& one, Value& wanted, Value& got) {
  const Shape& shape = *one.operation->input.shape;
  auto* given = wanted.as<Structure>();
  auto* read = got.as<Structure>();
  for (std::size_t i = 0; i < shape.members.size(); ++i) {
    const Member& member = shape.members[i];
    Value& asked = given->members[i];
    Value& found = read->members[i];
    // Clients fill in tokens by themselves.
    if (member.idempotency_token && !asked.given()) found = {};
    // An empty list or map is not sent at all.
    const bool in_tree = one.protocol == Protocol::json || one.protocol == Protocol::cbor;
    if (!in_tree && is_empty(asked) && !found.given()) asked = {};
    // {} is sent where the payload is not given.
    if (shape.payload == member.name && !asked.given() && is_empty(found)) found = {};
    // The map of all parameters holds for a server also those with a member of their own.
    if (member.place != Place::query || member.shape->kind != Kind::map) continue;
    for (Value* side : {&asked, &found}) {
      auto* map = side->as<Map>();
      if (!map) continue;
      std::erase_if(map->entries, [&](const Entry& entry) { return is_bound(shape, entry.key); });
      if (map->entries.empty()) *side = {};
    }
  }
}

TEST(ProtocolInput, EachRequestIsReadAsItWasMeant) {
  const auto cases = protocol_cases("input");
  if (cases.empty()) GTEST_SKIP() << "tests/fixtures/aws/protocol-cases is missing";
  std::size_t excepted = 0;

  for (const ProtocolCase& one : cases) {
    if (is_excepted(one.name)) {
      ++excepted;
      continue;
    }
    const WireRequest request = request_of(one);
    const auto decoded =
        decode_input(one.model->service(), one.protocol, *one.operation, request, request.body);
    if (!decoded) {
      ADD_FAILURE() << one.name << ": " << decoded.error().message;
      continue;
    }
    if (!one.operation->input.shape) continue;
    const auto params =
        one.data.contains("params") ? one.data["params"] : nlohmann::ordered_json::object();
    Value wanted = value_from_case(one.operation->input, params);
    Value got = decoded->input;
    forget(one, wanted, got);
    EXPECT_TRUE(same(wanted, got)) << one.name << "\n  wanted " << shown(wanted) << "\n  got    "
                                   << shown(got) << "\n  from   " << one.data["serialized"].dump();
  }

  EXPECT_EQ(excepted, 13u);  // with those of the output: at most one in fifty of all
}

}  // namespace
}  // namespace weir::aws
