// Type: how a C++ value is read from a Node, written back, compared and explained.
//
// One object per C++ type, erased to void*, so that a struct's table costs no templates beyond
// field(). Immutable after start; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/mistake.h"
#include "config/reader.h"

namespace weir::config {

class Type;

// What a check says of a value: findings at the trail or below it.
struct Check {
  std::string range;  // for the manual; may be empty
  std::function<void(const void* value, const Trail& where, Findings& findings)> run;
};

// A child for the manual: `step` is a key, `NAME` for any name, `[]` for the items of a list, empty
// for another form of the same value.
struct Child {
  std::string step;
  const Type* type;
};

enum class Write { without_defaults, in_full };

class Type {
 public:
  virtual ~Type() = default;
  // As the manual says it: duration, list of text.
  virtual std::string name() const = 0;
  // Leaves what it cannot read as it was, and complains.
  virtual void decode(const Cursor& cursor, void* value) const = 0;
  // null: nothing to write.
  virtual Node encode(const void* value, Write how) const = 0;
  virtual bool equal(const void* a, const void* b) const = 0;
  // Runs the checks of the fields below.
  virtual void check(const void*, const Trail&, Findings&) const {}
  virtual std::vector<Child> children() const { return {}; }
};

// One row of a struct's table.
struct Field {
  std::string name;
  std::string text;  // its manual entry
  std::size_t offset = 0;
  const Type* type = nullptr;
  std::vector<Check> checks;
  std::vector<std::string> also;  // what others call it: not accepted, but understood in a mistake
  bool in_manual = true;
};

// The row, understood under other names too.
Field also_called(Field field, std::vector<std::string> names);
// A key that weir will know: a mistake of its own kind.
Field later(std::string_view name);

// A struct as a map of its fields. An unknown key is a mistake.
class StructType final : public Type {
 public:
  // Called with the map and the struct, for what no single field can see.
  using After = std::function<void(const Cursor&, void*)>;

  // `defaults` is a default-made struct that lives for ever.
  StructType(std::string name, const void* defaults, std::vector<Field> fields, After after = {});

  std::string name() const override { return name_; }
  void decode(const Cursor& cursor, void* value) const override;
  Node encode(const void* value, Write how) const override;
  bool equal(const void* a, const void* b) const override;
  void check(const void* value, const Trail& where, Findings& findings) const override;
  std::vector<Child> children() const override;

  const std::vector<Field>& fields() const { return fields_; }
  const Field* find(std::string_view key) const;
  // The default of a field as text for the manual; "" where there is none.
  std::string default_text(const Field& field) const;

 private:
  std::string name_;
  const void* defaults_;
  // `did you mean` over names and other names.
  void complain_unknown(const Cursor& cursor, const Entry& entry) const;

  std::vector<Field> fields_;
  std::vector<std::string> names_;
  After after_;
};

}  // namespace weir::config
