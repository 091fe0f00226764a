#include "aws/model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace weir::aws {
namespace {

using json = nlohmann::ordered_json;  // members keep the order of the file: answers list them so

// The text under a key; empty where it is not there.
std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

bool set(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<Kind> kind_of(std::string_view type) {
  if (type == "structure") return Kind::structure;
  if (type == "list") return Kind::list;
  if (type == "map") return Kind::map;
  if (type == "string" || type == "character") return Kind::string;
  if (type == "integer" || type == "short" || type == "byte") return Kind::integer;
  if (type == "long" || type == "bigInteger") return Kind::wide;
  if (type == "float" || type == "double" || type == "bigDecimal") return Kind::real;
  if (type == "boolean") return Kind::boolean;
  if (type == "timestamp") return Kind::timestamp;
  if (type == "blob") return Kind::blob;
  return std::nullopt;
}

TimeFormat time_format_of(const json& object) {
  const std::string text = text_of(object, "timestampFormat");
  if (text == "iso8601") return TimeFormat::iso8601;
  if (text == "rfc822") return TimeFormat::rfc822;
  if (text == "unixTimestamp") return TimeFormat::unix_seconds;
  return TimeFormat::unset;
}

Place place_of(std::string_view location) {
  if (location == "uri") return Place::uri;
  if (location == "querystring") return Place::query;
  if (location == "header") return Place::header;
  if (location == "headers") return Place::headers;
  if (location == "statusCode") return Place::status;
  return Place::body;
}

std::optional<Protocol> protocol_of(std::string_view text) {
  if (text == "query") return Protocol::query;
  if (text == "ec2") return Protocol::ec2;
  if (text == "json") return Protocol::json;
  if (text == "smithy-rpc-v2-cbor") return Protocol::cbor;
  if (text == "rest-xml") return Protocol::rest_xml;
  if (text == "rest-json") return Protocol::rest_json;
  return std::nullopt;
}

std::optional<double> limit_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

}  // namespace

class ModelReader {
 public:
  explicit ModelReader(Model& model) : model_(model) {}

  Result<> read(std::string_view id, const json& root) {
    const json& metadata = root.at("metadata");
    const json& shapes = root.at("shapes");
    for (const auto& [name, shape] : shapes.items()) {
      const auto kind = kind_of(text_of(shape, "type"));
      if (!kind) {
        return fail(Code::invalid, fmt::format("shape '{}' has the unknown type '{}'", name,
                                               text_of(shape, "type")));
      }
      model_.all_.push_back({.name = keep(name), .kind = *kind});
      model_.shapes_[name] = &model_.all_.back();
      sources_[model_.all_.back().name] = &shape;
    }
    for (const auto& [name, shape] : shapes.items()) {
      TRY_VOID(read_shape(*model_.shapes_[name], shape));
    }
    TRY_VOID(read_metadata(id, metadata));
    model_.operations_.reserve(root.at("operations").size());
    for (const auto& [name, operation] : root.at("operations").items()) {
      TRY_VOID(read_operation(name, operation));
    }
    model_.service_.operations = model_.operations_;
    auto& errors = model_.errors_.emplace_back();
    for (const auto& [name, shape] : model_.shapes_) {
      if (shape->exception) errors.push_back(shape);
    }
    model_.service_.errors = errors;
    auto& names = model_.words_.emplace_back();
    const json& known = root.contains("names") ? root["names"] : json::array();
    for (const json& name : known) names.push_back(keep(name.get<std::string>()));
    model_.service_.names = names;
    return {};
  }

 private:
  std::string_view keep(std::string text) {
    return text.empty() ? std::string_view() : model_.texts_.emplace_back(std::move(text));
  }

  Result<const Shape*> find(const std::string& name) {
    const auto found = model_.shapes_.find(name);
    if (found == model_.shapes_.end()) {
      return fail(Code::invalid, fmt::format("shape '{}' does not exist", name));
    }
    return found->second;
  }

  Result<> read_metadata(std::string_view id, const json& metadata) {
    Service& service = model_.service_;
    service.id = keep(std::string(id));
    service.version = keep(text_of(metadata, "apiVersion"));
    const std::string signing = text_of(metadata, "signingName");
    service.signing_name = keep(signing.empty() ? text_of(metadata, "endpointPrefix") : signing);
    service.target_prefix = keep(text_of(metadata, "targetPrefix"));
    service.json_version = keep(text_of(metadata, "jsonVersion"));
    service.xml_namespace = keep(text_of(metadata, "xmlNamespace"));
    service.time_format = time_format_of(metadata);
    service.query_compatible = metadata.contains("awsQueryCompatible");
    json protocols = metadata.contains("protocols") ? metadata["protocols"] : json::array();
    if (protocols.empty()) protocols.push_back(text_of(metadata, "protocol"));
    for (const json& name : protocols) {
      const auto protocol = protocol_of(name.get<std::string>());
      if (!protocol) return fail(Code::invalid, fmt::format("unknown protocol {}", name.dump()));
      model_.protocols_.push_back(*protocol);
    }
    service.protocols = model_.protocols_;
    return {};
  }

  // What is said of a shape where it is used goes before what it says of itself.
  Result<Member> read_member(std::string_view name, const json& reference) {
    TRY(const Shape* shape, find(text_of(reference, "shape")));
    const json& own = *sources_.at(shape->name);
    const auto either = [&](const char* key) {
      return keep(text_of(reference.contains(key) ? reference : own, key));
    };
    Member member{.name = name, .shape = shape};
    // A structure's own name is of the root of a document.
    const bool scalar = shape->kind != Kind::structure && shape->kind != Kind::list;
    member.location_name =
        scalar ? either("locationName") : keep(text_of(reference, "locationName"));
    member.query_name = keep(text_of(reference, "queryName"));
    member.place = place_of(either("location"));
    const TimeFormat format = time_format_of(reference);
    member.time_format = format == TimeFormat::unset ? time_format_of(own) : format;
    member.flattened = set(reference, "flattened") || set(own, "flattened");
    member.xml_attribute = set(reference, "xmlAttribute") || set(own, "xmlAttribute");
    member.host_label = set(reference, "hostLabel");
    member.json_value = set(reference, "jsonvalue") || set(own, "jsonvalue");
    member.idempotency_token = set(reference, "idempotencyToken");
    member.event_payload = set(reference, "eventpayload");
    member.event_header = set(reference, "eventheader");
    member.streaming = set(reference, "streaming") || set(own, "streaming");
    read_namespace(reference.contains("xmlNamespace") ? reference : own, member);
    return member;
  }

  template <class T>
  void read_namespace(const json& object, T& to) {
    const auto found = object.find("xmlNamespace");
    if (found == object.end()) return;
    if (found->is_string()) {
      to.xml_namespace = keep(found->get<std::string>());
    } else {
      to.xml_namespace = keep(text_of(*found, "uri"));
      to.xml_prefix = keep(text_of(*found, "prefix"));
    }
  }

  Result<const Member*> read_part(const json& shape, const char* key) {
    TRY(Member member, read_member({}, shape.at(key)));
    return &model_.parts_.emplace_back(member);
  }

  Result<> read_shape(Shape& shape, const json& source) {
    if (shape.kind == Kind::structure && set(source, "document")) shape.kind = Kind::document;
    shape.pattern = keep(text_of(source, "pattern"));
    shape.payload = keep(text_of(source, "payload"));
    shape.location_name = keep(text_of(source, "locationName"));
    read_namespace(source, shape);
    shape.least = limit_of(source, "min");
    shape.most = limit_of(source, "max");
    shape.time_format = time_format_of(source);
    shape.flattened = set(source, "flattened");
    shape.exception = set(source, "exception");
    shape.is_union = set(source, "union");
    shape.event_stream = set(source, "eventstream");
    shape.event = set(source, "event");
    shape.sensitive = set(source, "sensitive");
    shape.streaming = set(source, "streaming");
    if (source.contains("enum")) {
      auto& words = model_.words_.emplace_back();
      for (const json& word : source["enum"]) words.push_back(keep(word.get<std::string>()));
      shape.values = words;
    }
    if (const auto error = source.find("error"); error != source.end()) {
      shape.error.code = keep(text_of(*error, "code"));
      shape.error.status = error->value("httpStatusCode", 0);
    }
    shape.error.server = set(source, "fault");
    if (shape.kind == Kind::structure) return read_members(shape, source);
    if (shape.kind == Kind::list) {
      TRY(shape.item, read_part(source, "member"));
    } else if (shape.kind == Kind::map) {
      TRY(shape.key, read_part(source, "key"));
      TRY(shape.item, read_part(source, "value"));
    }
    return {};
  }

  Result<> read_members(Shape& shape, const json& source) {
    auto& members = model_.members_.emplace_back();
    const json& named = source.contains("members") ? source["members"] : json::object();
    for (const auto& [name, reference] : named.items()) {
      TRY(Member member, read_member(keep(name), reference));
      members.push_back(member);
    }
    const json& required = source.contains("required") ? source["required"] : json::array();
    for (const json& name : required) {
      for (Member& member : members) {
        if (member.name == name.get<std::string>()) member.required = true;
      }
    }
    shape.members = members;
    return {};
  }

  Result<> read_operation(const std::string& name, const json& source) {
    Operation operation{.name = keep(name)};
    const json& http = source.at("http");
    operation.method = keep(http.value("method", "POST"));
    operation.uri = keep(http.value("requestUri", "/"));
    operation.status = http.value("responseCode", 200);
    if (source.contains("input")) {
      TRY(operation.input, read_member({}, source["input"]));
      if (model_.service_.xml_namespace.empty()) {
        model_.service_.xml_namespace = operation.input.xml_namespace;
      }
    }
    if (source.contains("output")) {
      TRY(operation.output, read_member({}, source["output"]));
      operation.result_wrapper = keep(text_of(source["output"], "resultWrapper"));
      for (const Member& member : operation.output.shape->members) {
        operation.streams = operation.streams || member.shape->event_stream;
      }
    }
    if (source.contains("errors")) {
      auto& errors = model_.errors_.emplace_back();
      for (const json& error : source["errors"]) {
        TRY(const Shape* shape, find(text_of(error, "shape")));
        errors.push_back(shape);
      }
      operation.errors = errors;
    }
    model_.operations_.push_back(operation);
    return {};
  }

  Model& model_;
  std::map<std::string_view, const json*> sources_;
};

Result<std::unique_ptr<Model>> Model::read(std::string_view id, std::string_view text) {
  std::unique_ptr<Model> model(new Model);
  try {
    const json root = json::parse(text);
    if (auto read = ModelReader(*model).read(id, root); !read) {
      return fail(fmt::format("model '{}'", id), read.error());
    }
    return model;
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::invalid, fmt::format("model '{}': {}", id, error.what()));
  }
}

}  // namespace weir::aws
