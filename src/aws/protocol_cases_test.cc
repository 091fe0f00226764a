#include "aws/protocol_cases.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pugixml.hpp>

#include "aws/cbor.h"
#include "aws/json.h"
#include "aws/text.h"
#include "aws/timestamp.h"

namespace weir::aws {
namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kFolder = WEIR_SOURCE_DIR "/tests/fixtures/aws/protocol-cases";

void add_suite(std::vector<ProtocolCase>& cases, const fs::path& file, bool legacy,
               const json& suite, std::size_t suite_number) {
  std::size_t number = 0;
  for (const json& one : suite["cases"]) {
    json given = one["given"];
    if (!given.contains("http")) given["http"] = {{"method", "POST"}, {"requestUri", "/"}};
    const std::string name = given.value("name", "OperationName");
    json shapes = suite.contains("shapes") ? suite["shapes"] : json::object();
    // The older cases name the payload where the shape is used.
    for (const char* part : {"input", "output"}) {
      if (given.contains(part) && given[part].contains("payload")) {
        shapes[given[part]["shape"].get<std::string>()]["payload"] = given[part]["payload"];
      }
    }
    // The newer ones leave out what every model of the query protocol has.
    const bool query = suite["metadata"].value("protocol", "") == "query";
    if (!legacy && query && given.contains("output"))
      given["output"]["resultWrapper"] = name + "Result";
    json metadata = suite["metadata"];
    if (metadata.contains("protocols") && metadata["protocols"].empty())
      metadata.erase("protocols");
    const json model = {
        {"metadata", metadata}, {"operations", {{name, given}}}, {"shapes", shapes}};
    ProtocolCase made;
    const std::string place = fmt::format("{}/{}/{}.{}", legacy ? "legacy" : "smithy",
                                          file.stem().string(), suite_number, number++);
    made.name = one.value("id", place);
    auto read = Model::read(place, model.dump());
    ASSERT_TRUE(read) << place << ": " << read.error().message;
    made.model = *std::move(read);
    made.protocol = made.model->service().protocols[0];
    made.legacy = legacy;
    made.operation = made.model->service().find(name);
    made.data = one;
    cases.push_back(std::move(made));
  }
}

// -0.0 is 0; a whole number is written as one.
json plain(const nlohmann::json& from) {
  if (from.is_number_float()) {
    const double number = from.get<double>();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    if (number == std::floor(number) && std::abs(number) < 1e15) {
      return static_cast<std::int64_t>(number);
    }
    return std::round(number * 1e6) / 1e6;
  }
  if (from.is_object()) {
    json made = json::object();
    for (const auto& [key, value] : from.items()) {
      if (!value.is_null()) made[key] = plain(value);
    }
    return made;
  }
  if (from.is_array()) {
    json made = json::array();
    for (const auto& value : from) made.push_back(plain(value));
    return made;
  }
  if (from.is_binary()) {
    const auto& bytes = from.get_binary();
    return "bytes:" + std::string(bytes.begin(), bytes.end());
  }
  return from;
}

std::string normal_node(const pugi::xml_node& node, bool root) {
  const std::string name = node.name();
  for (const char* made_up : {"RequestId", "requestId", "RequestID", "ResponseMetadata"}) {
    if (name == made_up) return {};
  }
  std::vector<std::string> attributes;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (root && std::string_view(attribute.name()).starts_with("xmlns")) continue;
    attributes.push_back(fmt::format(" {}={}", attribute.name(), attribute.value()));
  }
  std::sort(attributes.begin(), attributes.end());
  std::vector<std::pair<std::string, std::string>> children;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string made = normal_node(child, false);
    if (!made.empty()) children.emplace_back(child.name(), made);
  }
  // The order of elements of the same name counts, that of others does not.
  std::stable_sort(children.begin(), children.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text = fmt::format("<{}{}>", name, fmt::join(attributes, ""));
  if (children.empty()) text += node.text().get();
  for (const auto& [key, child] : children) text += child;
  return text + "</>";
}

}  // namespace

std::vector<ProtocolCase> protocol_cases(std::string_view direction) {
  std::vector<ProtocolCase> cases;
  for (const bool legacy : {false, true}) {
    const fs::path folder = fs::path(kFolder) / (legacy ? "legacy" : "") / direction;
    if (!fs::exists(folder)) continue;
    std::vector<fs::path> files(fs::directory_iterator(folder), fs::directory_iterator{});
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      std::ifstream stream(file);
      const json suites = json::parse(stream);
      std::size_t number = 0;
      for (const json& suite : suites) add_suite(cases, file, legacy, suite, number++);
    }
  }
  return cases;
}

Value value_from_case(const Member& member, const json& from) {
  const Shape& shape = *member.shape;
  if (from.is_null()) return Null{};
  switch (shape.kind) {
    case Kind::structure: {
      Structure made;
      for (const Member& one : shape.members) {
        const auto found = from.find(std::string(one.name));
        made.members.push_back(
            found == from.end() || found->is_null() ? Value() : value_from_case(one, *found));
      }
      return made;
    }
    case Kind::list: {
      List made;
      for (const json& item : from) made.items.push_back(value_from_case(*shape.item, item));
      return made;
    }
    case Kind::map: {
      Map made;
      for (const auto& [key, item] : from.items()) {
        made.entries.push_back({key, value_from_case(*shape.item, item)});
      }
      return made;
    }
    case Kind::document:
      return document_of(nlohmann::json::parse(from.dump()));
    case Kind::timestamp:
      if (from.is_string()) return read_timestamp(from.get<std::string>()).value();
      return timestamp_of(from.get<double>()).value();
    case Kind::real:
      return from.is_string() ? real_from_text(from.get<std::string>()).value()
                              : from.get<double>();
    case Kind::integer:
    case Kind::wide:
    case Kind::boolean:
      // Some examples write these as strings.
      if (from.is_string()) return scalar_from_text(shape, from.get<std::string>()).value();
      return from.is_boolean() ? Value(from.get<bool>()) : Value(from.get<std::int64_t>());
    default:
      // jsonvalue: any JSON in a string member; in a header, or the text of it.
      if (member.json_value && member.place == Place::header && from.is_string()) {
        return document_of(nlohmann::json::parse(from.get<std::string>()));
      }
      if (!from.is_string()) return document_of(nlohmann::json::parse(from.dump()));
      return from.get<std::string>();
  }
}

bool same(const Value& a, const Value& b) {
  if (const auto *x = a.as<double>(), *y = b.as<double>(); x && y) {
    return (std::isnan(*x) && std::isnan(*y)) || *x == *y ||
           std::abs(*x - *y) < 1e-5 * std::abs(*x);
  }
  if (const auto *x = a.as<WallTime>(), *y = b.as<WallTime>(); x && y) {
    return std::chrono::abs(*x - *y) < 1ms;
  }
  if (const auto *x = a.as<Structure>(), *y = b.as<Structure>(); x && y) {
    return std::equal(x->members.begin(), x->members.end(), y->members.begin(), y->members.end(),
                      same);
  }
  if (const auto *x = a.as<List>(), *y = b.as<List>(); x && y) {
    return std::equal(x->items.begin(), x->items.end(), y->items.begin(), y->items.end(), same);
  }
  if (const auto *x = a.as<Map>(), *y = b.as<Map>(); x && y) {
    // Neither JSON nor CBOR orders the keys of a map; those of headers have lost their case.
    const auto sorted = [](const Map& map) {
      std::vector<std::pair<std::string, const Value*>> made;
      for (const Entry& entry : map.entries) {
        std::string key = entry.key;
        for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        made.emplace_back(key, &entry.value);
      }
      std::sort(made.begin(), made.end(),
                [](const auto& p, const auto& q) { return p.first < q.first; });
      return made;
    };
    const auto left = sorted(*x), right = sorted(*y);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const auto& p, const auto& q) {
                        return p.first == q.first && same(*p.second, *q.second);
                      });
  }
  return a == b;
}

std::string shown(const Value& value) {
  if (!value.given()) return "-";
  if (const auto* held = value.as<Structure>()) {
    std::string text = "{";
    for (const Value& member : held->members) text += shown(member) + " ";
    return text + "}";
  }
  if (const auto* list = value.as<List>()) {
    std::string text = "[";
    for (const Value& item : list->items) text += shown(item) + " ";
    return text + "]";
  }
  if (const auto* time = value.as<WallTime>()) return write_timestamp(*time, TimeFormat::iso8601);
  if (const auto* map = value.as<Map>()) {
    std::vector<std::string> entries;
    for (const Entry& entry : map->entries) {
      entries.push_back(entry.key + ": " + shown(entry.value));
    }
    std::sort(entries.begin(), entries.end());
    return fmt::format("<{}>", fmt::join(entries, " "));
  }
  return write_document(value);
}

std::string normal_xml(std::string_view text) {
  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) return fmt::format("not XML: {}", text);
  return normal_node(document.document_element(), true);
}

std::string normal_json(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? nlohmann::json(plain(*parsed)).dump() : fmt::format("not JSON: {}", text);
}

std::string normal_cbor(std::string_view bytes) {
  if (bytes.empty()) return {};
  const auto parsed = parse_cbor(bytes);
  return parsed ? nlohmann::json(plain(*parsed)).dump() : parsed.error().message;
}

}  // namespace weir::aws
