#include "config/type.h"

#include <utility>

#include "config/suggest.h"
#include "config/yaml.h"

namespace weir::config {
namespace {

const void* at(const void* base, std::size_t offset) {
  return static_cast<const char*>(base) + offset;
}
void* at(void* base, std::size_t offset) { return static_cast<char*>(base) + offset; }

class LaterType final : public Type {
 public:
  std::string name() const override { return "later"; }
  void decode(const Cursor& cursor, void*) const override {
    cursor.findings().add(cursor.trail(), "is known but not built yet",
                          "it arrives with a later version; remove it until then");
  }
  Node encode(const void*, Write) const override { return {}; }
  bool equal(const void*, const void*) const override { return true; }
};

}  // namespace

Field also_called(Field field, std::vector<std::string> names) {
  field.also = std::move(names);
  return field;
}

Field later(std::string_view name) {
  static const LaterType type;
  Field field;
  field.name = name;
  field.type = &type;
  field.in_manual = false;
  return field;
}

StructType::StructType(std::string name, const void* defaults, std::vector<Field> fields,
                       After after)
    : name_(std::move(name)),
      defaults_(defaults),
      fields_(std::move(fields)),
      after_(std::move(after)) {
  for (const Field& field : fields_) {
    if (field.in_manual) names_.push_back(field.name);
  }
}

const Field* StructType::find(std::string_view key) const {
  for (const Field& field : fields_) {
    if (field.name == key) return &field;
  }
  return nullptr;
}

void StructType::decode(const Cursor& cursor, void* value) const {
  const Node& node = cursor.node();
  if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::sequence) {
    cursor.wrong_kind("write its keys below it, indented, each as 'key: value'");
    return;
  }
  for (const Entry& entry : node.entries) {
    if (const Field* field = find(entry.key)) {
      field->type->decode(cursor.enter(entry), at(value, field->offset));
    } else {
      complain_unknown(cursor, entry);
    }
  }
  if (after_) after_(cursor, value);
}

void StructType::complain_unknown(const Cursor& cursor, const Entry& entry) const {
  for (const Field& field : fields_) {
    for (const std::string& other : field.also) {
      if (plain_word(entry.key) == plain_word(other)) {
        cursor.unknown_key(entry, names_, field.name);
        return;
      }
    }
  }
  cursor.unknown_key(entry, names_, closest(entry.key, names_));
}

Node StructType::encode(const void* value, Write how) const {
  Node map = Node::map();
  for (const Field& field : fields_) {
    const void* member = at(value, field.offset);
    const bool is_default = field.type->equal(member, at(defaults_, field.offset));
    if (how == Write::without_defaults && is_default) continue;
    Node node = field.type->encode(member, how);
    if (!node.is_null()) map.add(field.name, std::move(node));
  }
  return map;
}

bool StructType::equal(const void* a, const void* b) const {
  for (const Field& field : fields_) {
    if (!field.type->equal(at(a, field.offset), at(b, field.offset))) return false;
  }
  return true;
}

void StructType::check(const void* value, const Trail& where, Findings& findings) const {
  for (const Field& field : fields_) {
    const Trail below = where.enter(field.name);
    const void* member = at(value, field.offset);
    for (const Check& check : field.checks) check.run(member, below, findings);
    field.type->check(member, below, findings);
  }
}

std::vector<Child> StructType::children() const {
  std::vector<Child> children;
  for (const Field& field : fields_) {
    if (field.in_manual) children.push_back({field.name, field.type});
  }
  return children;
}

std::string StructType::default_text(const Field& field) const {
  const Node node = field.type->encode(at(defaults_, field.offset), Write::without_defaults);
  if (node.is_null() || node.kind == Node::Kind::map) return {};
  if (node.kind == Node::Kind::sequence && node.items.empty()) return {};
  if (node.kind == Node::Kind::scalar && node.text.empty()) return {};
  return write_yaml_inline(node);
}

}  // namespace weir::config
