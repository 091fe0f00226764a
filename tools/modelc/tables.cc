// The tables of a service.
#include <fmt/format.h>

#include <map>

#include "modelc.h"

namespace weir::modelc {
namespace {

using aws::Kind;
using aws::Member;
using aws::Model;
using aws::Place;
using aws::Protocol;
using aws::Shape;
using aws::TimeFormat;

constexpr const char* kKinds[] = {"structure", "list",    "map",       "string", "integer", "wide",
                                  "real",      "boolean", "timestamp", "blob",   "document"};
constexpr const char* kPlaces[] = {"body", "uri", "query", "header", "headers", "status"};
constexpr const char* kFormats[] = {"unset", "iso8601", "rfc822", "unix_seconds"};
constexpr const char* kProtocols[] = {"query", "ec2", "json", "cbor", "rest_xml", "rest_json"};

template <class E>
auto number(E value) {
  return static_cast<std::size_t>(value);
}

// Members that say something: .name = value.
class Fields {
 public:
  void text(const char* name, std::string_view value) {
    if (!value.empty()) add(name, literal(value));
  }
  void flag(const char* name, bool value) {
    if (value) add(name, "true");
  }
  void add(const char* name, std::string value) {
    out_ += fmt::format("{}.{} = {}", out_.empty() ? "" : ", ", name, value);
  }
  std::string braced() const { return "{" + out_ + "}"; }

 private:
  std::string out_;
};

class TableWriter {
 public:
  explicit TableWriter(const Model& model) : model_(model) {
    for (const auto& [name, shape] : model.shapes()) numbers_[shape] = numbers_.size();
  }

  std::string write() {
    out_ +=
        fmt::format("extern const Shape kShapes[{}];\n", std::max<std::size_t>(1, numbers_.size()));
    for (const auto& [name, shape] : model_.shapes()) write_parts(*shape);
    out_ +=
        fmt::format("const Shape kShapes[{}] = {{\n", std::max<std::size_t>(1, numbers_.size()));
    for (const auto& [name, shape] : model_.shapes()) out_ += "  " + shape_fields(*shape) + ",\n";
    out_ += "};\n";
    write_service();
    return std::move(out_);
  }

 private:
  std::string pointer(const Shape* shape) const {
    return shape ? fmt::format("&kShapes[{}]", numbers_.at(shape)) : "nullptr";
  }

  std::string member_fields(const Member& member) const {
    Fields fields;
    fields.text("name", member.name);
    fields.add("shape", pointer(member.shape));
    fields.text("location_name", member.location_name);
    fields.text("query_name", member.query_name);
    fields.text("xml_namespace", member.xml_namespace);
    fields.text("xml_prefix", member.xml_prefix);
    if (member.place != Place::body) {
      fields.add("place", fmt::format("Place::{}", kPlaces[number(member.place)]));
    }
    if (member.time_format != TimeFormat::unset) {
      fields.add("time_format",
                 fmt::format("TimeFormat::{}", kFormats[number(member.time_format)]));
    }
    fields.flag("flattened", member.flattened);
    fields.flag("xml_attribute", member.xml_attribute);
    fields.flag("required", member.required);
    fields.flag("host_label", member.host_label);
    fields.flag("json_value", member.json_value);
    fields.flag("idempotency_token", member.idempotency_token);
    fields.flag("event_payload", member.event_payload);
    fields.flag("event_header", member.event_header);
    fields.flag("streaming", member.streaming);
    return fields.braced();
  }

  void write_words(const std::string& name, std::span<const std::string_view> words) {
    out_ += fmt::format("constexpr std::string_view {}[] = {{", name);
    for (const std::string_view word : words) out_ += literal(word) + ", ";
    out_ += "};\n";
  }

  // What the shape's row points to.
  void write_parts(const Shape& shape) {
    const auto id = numbers_.at(&shape);
    if (!shape.members.empty()) {
      out_ += fmt::format("constexpr Member kMembers{}[] = {{\n", id);
      for (const Member& member : shape.members) out_ += "  " + member_fields(member) + ",\n";
      out_ += "};\n";
    }
    if (shape.item)
      out_ += fmt::format("constexpr Member kItem{} = {};\n", id, member_fields(*shape.item));
    if (shape.key)
      out_ += fmt::format("constexpr Member kKey{} = {};\n", id, member_fields(*shape.key));
    if (!shape.values.empty()) write_words(fmt::format("kValues{}", id), shape.values);
  }

  std::string shape_fields(const Shape& shape) const {
    const auto id = numbers_.at(&shape);
    Fields fields;
    fields.text("name", shape.name);
    fields.add("kind", fmt::format("Kind::{}", kKinds[number(shape.kind)]));
    if (!shape.members.empty()) fields.add("members", fmt::format("kMembers{}", id));
    if (shape.item) fields.add("item", fmt::format("&kItem{}", id));
    if (shape.key) fields.add("key", fmt::format("&kKey{}", id));
    if (!shape.values.empty()) fields.add("values", fmt::format("kValues{}", id));
    fields.text("pattern", shape.pattern);
    fields.text("payload", shape.payload);
    fields.text("location_name", shape.location_name);
    fields.text("xml_namespace", shape.xml_namespace);
    fields.text("xml_prefix", shape.xml_prefix);
    if (shape.least) fields.add("least", fmt::format("{}", *shape.least));
    if (shape.most) fields.add("most", fmt::format("{}", *shape.most));
    if (shape.time_format != TimeFormat::unset) {
      fields.add("time_format", fmt::format("TimeFormat::{}", kFormats[number(shape.time_format)]));
    }
    if (!shape.error.code.empty() || shape.error.status != 0 || shape.error.server) {
      Fields error;
      error.text("code", shape.error.code);
      if (shape.error.status != 0) error.add("status", fmt::format("{}", shape.error.status));
      error.flag("server", shape.error.server);
      fields.add("error", error.braced());
    }
    fields.flag("flattened", shape.flattened);
    fields.flag("exception", shape.exception);
    fields.flag("is_union", shape.is_union);
    fields.flag("event_stream", shape.event_stream);
    fields.flag("event", shape.event);
    fields.flag("sensitive", shape.sensitive);
    fields.flag("streaming", shape.streaming);
    return fields.braced();
  }

  void write_errors(const std::string& name, std::span<const Shape* const> errors) {
    out_ += fmt::format("constexpr const Shape* {}[] = {{", name);
    for (const Shape* error : errors) out_ += pointer(error) + ", ";
    out_ += "};\n";
  }

  std::string operation_fields(const aws::Operation& operation, std::size_t id) const {
    Fields fields;
    fields.text("name", operation.name);
    fields.text("method", operation.method);
    fields.text("uri", operation.uri);
    if (operation.input.shape) fields.add("input", member_fields(operation.input));
    if (operation.output.shape) fields.add("output", member_fields(operation.output));
    fields.text("result_wrapper", operation.result_wrapper);
    if (!operation.errors.empty()) fields.add("errors", fmt::format("kErrorsOf{}", id));
    if (operation.status != 200) fields.add("status", fmt::format("{}", operation.status));
    fields.flag("streams", operation.streams);
    return fields.braced();
  }

  void write_service() {
    const aws::Service& service = model_.service();
    std::size_t id = 0;
    for (const aws::Operation& operation : service.operations) {
      if (!operation.errors.empty()) write_errors(fmt::format("kErrorsOf{}", id), operation.errors);
      ++id;
    }
    id = 0;
    out_ += "constexpr Operation kOperations[] = {\n";
    for (const aws::Operation& operation : service.operations) {
      out_ += "  " + operation_fields(operation, id++) + ",\n";
    }
    out_ += "};\n";
    if (!service.errors.empty()) write_errors("kErrors", service.errors);
    if (!service.names.empty()) write_words("kNames", service.names);
    out_ += "constexpr Protocol kProtocols[] = {";
    for (const Protocol protocol : service.protocols) {
      out_ += fmt::format("Protocol::{}, ", kProtocols[number(protocol)]);
    }
    out_ += "};\n";
    Fields fields;
    fields.text("id", service.id);
    fields.text("version", service.version);
    fields.text("signing_name", service.signing_name);
    fields.text("target_prefix", service.target_prefix);
    fields.text("json_version", service.json_version);
    fields.text("xml_namespace", service.xml_namespace);
    fields.add("protocols", "kProtocols");
    if (service.time_format != TimeFormat::unset) {
      fields.add("time_format",
                 fmt::format("TimeFormat::{}", kFormats[number(service.time_format)]));
    }
    fields.flag("query_compatible", service.query_compatible);
    fields.add("operations", "kOperations");
    if (!service.errors.empty()) fields.add("errors", "kErrors");
    if (!service.names.empty()) fields.add("names", "kNames");
    out_ += fmt::format("constexpr Service kService = {};\n", fields.braced());
  }

  const Model& model_;
  std::map<const Shape*, std::size_t> numbers_;
  std::string out_;
};

}  // namespace

std::string literal(std::string_view text) { return fmt::format("R\"-({})-\"", text); }

std::string tables(const Model& model) {
  const std::string name = name_space(model.service().id);
  return fmt::format(
             "#include \"aws/models/{0}.h\"\n\n#include <cstddef>\n\n#include \"aws/shape.h\"\n"
             "#include \"aws/type.h\"\n\nnamespace weir::aws::{0} {{\nnamespace {{\n\n",
             name) +
         TableWriter(model).write();
}

std::string types(const Model& model) {
  std::map<const Shape*, std::size_t> numbers;
  for (const auto& [name, shape] : model.shapes()) numbers[shape] = numbers.size();
  const auto structs = ordered_structs(model);
  // Which containers hold a struct: only these are instantiated.
  std::map<const Shape*, std::string> holding;
  for (const Shape* shape : structs) {
    for (const Member& member : shape->members) {
      const Held how = held(model, member);
      if (!how.structure) continue;
      std::string& made = holding[how.structure];
      const std::string call = how.form == "structure" ? "held_by_optional" : "held_by_list";
      if (made.find(call) != std::string::npos) continue;
      made = fmt::format("{}<{}>({})", call, how.structure->name, made);
    }
  }
  std::string out;
  for (const Shape* shape : structs) {
    const auto id = numbers.at(shape);
    if (!shape->members.empty()) {
      out += fmt::format("constexpr Field kFields{}[] = {{\n", id);
      for (const Member& member : shape->members) {
        const Held how = held(model, member);
        out += fmt::format(
            "  {{offsetof({}, {}), Form::{}, {}}},\n", shape->name, member.name, how.form,
            how.structure ? fmt::format("&kType{}", numbers.at(how.structure)) : "nullptr");
      }
      out += "};\n";
    }
    out += fmt::format("constexpr Type kType{} = {{.shape = &kShapes[{}]{}{}}};\n", id, id,
                       shape->members.empty() ? "" : fmt::format(", .fields = kFields{}", id),
                       holding.contains(shape) ? ", .holding = " + holding[shape] : "");
  }
  out += "\n}  // namespace\n\nconst Service& service() { return kService; }\n\n";
  std::map<std::string_view, std::size_t> tops;
  for (const aws::Operation& operation : model.service().operations) {
    for (const Shape* shape : {operation.input.shape, operation.output.shape}) {
      if (shape) tops[shape->name] = numbers.at(shape);
    }
  }
  for (const auto& [name, id] : tops) {
    out += fmt::format("const Type& type_of(const {}*) {{ return kType{}; }}\n", name, id);
  }
  return out + fmt::format("\n}}  // namespace weir::aws::{}\n", name_space(model.service().id));
}

}  // namespace weir::modelc
