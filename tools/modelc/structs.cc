// The header of a service: its structs.
#include <fmt/format.h>

#include <map>
#include <set>

#include "modelc.h"

namespace weir::modelc {
namespace {

using aws::Kind;
using aws::Member;
using aws::Model;
using aws::Shape;

std::string scalar_type(Kind kind) {
  switch (kind) {
    case Kind::integer:
    case Kind::wide:
      return "std::int64_t";
    case Kind::real:
      return "double";
    case Kind::boolean:
      return "bool";
    case Kind::timestamp:
      return "WallTime";
    default:
      return "std::string";
  }
}

bool is_scalar(Kind kind) {
  return kind != Kind::structure && kind != Kind::list && kind != Kind::map &&
         kind != Kind::document;
}

// Structs reach each other by their members, and by the items of lists.
const Shape* struct_of(const Member& member) {
  const Shape* shape = member.shape;
  if (shape->kind == Kind::list) shape = shape->item->shape;
  return shape->kind == Kind::structure ? shape : nullptr;
}

bool reaches(const Shape* from, const Shape* wanted, std::set<const Shape*>& seen) {
  if (from == wanted) return true;
  if (!seen.insert(from).second) return false;
  for (const Member& member : from->members) {
    const Shape* next = struct_of(member);
    if (next && reaches(next, wanted, seen)) return true;
  }
  return false;
}

// A struct that contains itself cannot hold itself by value: such a member stays a Value.
bool is_recursive(const Shape* shape) {
  for (const Member& member : shape->members) {
    std::set<const Shape*> seen;
    const Shape* next = struct_of(member);
    if (next && reaches(next, shape, seen)) return true;
  }
  return false;
}

void order(const Shape* shape, std::set<const Shape*>& done, std::vector<const Shape*>& ordered) {
  if (!done.insert(shape).second) return;
  for (const Member& member : shape->members) {
    const Shape* next = struct_of(member);
    if (next && !is_recursive(next)) order(next, done, ordered);
  }
  ordered.push_back(shape);
}

std::string alias(const aws::Operation& operation, const Member& part, std::string_view suffix) {
  const std::string name = std::string(operation.name) + std::string(suffix);
  if (!part.shape) return fmt::format("struct {} {{}};\n", name);
  if (part.shape->name == name) return {};
  return fmt::format("using {} = {};\n", name, part.shape->name);
}

}  // namespace

std::string name_space(std::string_view service) {
  std::string name(service);
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

Held held(const Model& model, const Member& member) {
  const std::string space = "::weir::aws::" + name_space(model.service().id) + "::";
  const Shape& shape = *member.shape;
  if (is_scalar(shape.kind))
    return {fmt::format("std::optional<{}>", scalar_type(shape.kind)), "scalar"};
  if (shape.kind == Kind::structure && !is_recursive(&shape) && !shape.event_stream) {
    return {fmt::format("std::optional<{}{}>", space, shape.name), "structure", &shape};
  }
  if (shape.kind == Kind::list) {
    const Shape& item = *shape.item->shape;
    if (is_scalar(item.kind)) return {fmt::format("ListOf<{}>", scalar_type(item.kind)), "scalars"};
    if (item.kind == Kind::structure && !is_recursive(&item)) {
      return {fmt::format("ListOf<{}{}>", space, item.name), "structures", &item};
    }
  }
  if (shape.kind == Kind::map && is_scalar(shape.item->shape->kind)) {
    return {fmt::format("MapOf<{}>", scalar_type(shape.item->shape->kind)), "map"};
  }
  return {"std::optional<Value>", "raw"};
}

std::vector<const Shape*> ordered_structs(const Model& model) {
  std::vector<const Shape*> ordered;
  std::set<const Shape*> done;
  for (const aws::Operation& operation : model.service().operations) {
    if (operation.input.shape) order(operation.input.shape, done, ordered);
    if (operation.output.shape) order(operation.output.shape, done, ordered);
  }
  return ordered;
}

std::string header(const Model& model) {
  const aws::Service& service = model.service();
  std::string out = fmt::format(
      "#pragma once\n\n#include \"aws/typed.h\"\n\nnamespace weir::aws {{\nstruct Service;\n}}\n\n"
      "namespace weir::aws::{} {{\n\n",
      name_space(service.id));
  for (const Shape* shape : ordered_structs(model)) {
    out += fmt::format("struct {} {{\n", shape->name);
    for (const Member& member : shape->members) {
      out += fmt::format("  {} {}{{}};\n", held(model, member).type, member.name);
    }
    out += "};\n";
  }
  std::set<const Shape*> tops;
  for (const aws::Operation& operation : service.operations) {
    out += alias(operation, operation.input, "Input");
    out += alias(operation, operation.output, "Output");
    if (operation.input.shape) tops.insert(operation.input.shape);
    if (operation.output.shape) tops.insert(operation.output.shape);
  }
  out += "\n";
  for (const auto& [name, shape] : model.shapes()) {
    if (tops.contains(shape)) out += fmt::format("const Type& type_of(const {}*);\n", name);
  }
  out += "\nconst Service& service();\n";
  return out + fmt::format("\n}}  // namespace weir::aws::{}\n", name_space(service.id));
}

}  // namespace weir::modelc
