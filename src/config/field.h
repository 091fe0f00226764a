// field: one row of a struct's table: name, member, manual text, checks.
//
//   field("points", &RingHash::points, "virtual nodes per endpoint", between(1, 65536))
//
// The same row decodes, checks, encodes and explains. Defaults come from the struct's initialisers.
// A struct takes part by `const config::Type& config_type(const S*)` beside it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/checks.h"
#include "config/scalars.h"
#include "config/type.h"

namespace weir::config {

template <class T>
const Type& type_of();

namespace detail {

template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}

// A list; a single scalar stands for a list of one.
template <class T>
class ListType final : public Type {
 public:
  std::string name() const override { return "list of " + type_of<T>().name(); }
  void decode(const Cursor& cursor, void* value) const override {
    auto& list = *static_cast<std::vector<T>*>(value);
    decode_list(
        cursor, type_of<T>(),
        [&list](const Cursor& item, const Type& type) { type.decode(item, &list.emplace_back()); },
        [&list] { list.clear(); });
  }
  Node encode(const void* value, Write how) const override {
    Node node = Node::sequence();
    for (const T& item : as<std::vector<T>>(value)) {
      node.items.push_back(type_of<T>().encode(&item, how));
    }
    return unwrap_single(std::move(node), type_of<T>(), how);
  }
  bool equal(const void* a, const void* b) const override {
    return as<std::vector<T>>(a) == as<std::vector<T>>(b);
  }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    const auto& list = as<std::vector<T>>(value);
    for (std::size_t i = 0; i < list.size(); ++i) {
      type_of<T>().check(&list[i], where.item(i), findings);
    }
  }
  std::vector<Child> children() const override { return {{"[]", &type_of<T>()}}; }
};

// Names to values; Map is std::map or a vector of pairs, which keeps the order of the file.
template <class Map, class T>
class MapType final : public Type {
 public:
  std::string name() const override { return "map of NAME to " + type_of<T>().name(); }
  void decode(const Cursor& cursor, void* value) const override {
    auto& map = *static_cast<Map*>(value);
    if (!is_map(cursor)) return;
    map.clear();
    for (const Entry& entry : cursor.node().entries) {
      T item{};
      type_of<T>().decode(cursor.enter(entry), &item);
      map.insert(map.end(), {entry.key, std::move(item)});
    }
  }
  Node encode(const void* value, Write how) const override {
    Node node = Node::map();
    for (const auto& [key, item] : as<Map>(value)) {
      node.add(key, type_of<T>().encode(&item, how));
    }
    return node;
  }
  bool equal(const void* a, const void* b) const override { return as<Map>(a) == as<Map>(b); }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    for (const auto& [key, item] : as<Map>(value)) {
      type_of<T>().check(&item, where.enter(key), findings);
    }
  }
  std::vector<Child> children() const override { return {{"NAME", &type_of<T>()}}; }
};

// May be absent, or null.
template <class T>
class OptionalType final : public Type {
 public:
  std::string name() const override { return type_of<T>().name(); }
  void decode(const Cursor& cursor, void* value) const override {
    if (cursor.node().is_null()) return;
    T read{};
    type_of<T>().decode(cursor, &read);
    *static_cast<std::optional<T>*>(value) = std::move(read);
  }
  Node encode(const void* value, Write how) const override {
    const auto& held = as<std::optional<T>>(value);
    return held ? type_of<T>().encode(&*held, how) : Node{};
  }
  bool equal(const void* a, const void* b) const override {
    return as<std::optional<T>>(a) == as<std::optional<T>>(b);
  }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    const auto& held = as<std::optional<T>>(value);
    if (held) type_of<T>().check(&*held, where, findings);
  }
  std::vector<Child> children() const override { return {{"", &type_of<T>()}}; }
};

template <class T>
struct TypeOf {
  static const Type& get() { return config_type(static_cast<const T*>(nullptr)); }
};
template <class T>
struct TypeOf<std::vector<T>> {
  static const Type& get() {
    static const ListType<T> type;
    return type;
  }
};
template <class T>
struct TypeOf<std::vector<std::pair<std::string, T>>> {
  static const Type& get() {
    static const MapType<std::vector<std::pair<std::string, T>>, T> type;
    return type;
  }
};
template <class T>
struct TypeOf<std::map<std::string, T>> {
  static const Type& get() {
    static const MapType<std::map<std::string, T>, T> type;
    return type;
  }
};
template <class T>
struct TypeOf<std::optional<T>> {
  static const Type& get() {
    static const OptionalType<T> type;
    return type;
  }
};

template <class M, class C>
Check make_check(C check) {
  std::string range;
  if constexpr (requires { check.range(); }) range = check.range();
  return {std::move(range), [check](const void* value, const Trail& where, Findings& findings) {
            run_check(check, as<M>(value), where, findings);
          }};
}

template <class S, class M>
std::size_t offset_of(M S::* member) {
  static const S sample{};
  return static_cast<std::size_t>(reinterpret_cast<const char*>(&(sample.*member)) -
                                  reinterpret_cast<const char*>(&sample));
}

}  // namespace detail

template <class T>
const Type& type_of() {
  return detail::TypeOf<T>::get();
}

// A row with a type of its own, for special forms.
template <class S, class M, class... C>
Field field_as(const Type& type, std::string_view name, M S::* member, std::string_view text,
               C... checks) {
  Field field{std::string(name), std::string(text), detail::offset_of(member), &type, {}, {}, true};
  (field.checks.push_back(detail::make_check<M>(std::move(checks))), ...);
  return field;
}

template <class S, class M, class... C>
Field field(std::string_view name, M S::* member, std::string_view text, C... checks) {
  return field_as(type_of<M>(), name, member, text, std::move(checks)...);
}

// The type of a struct from its rows.
template <class S>
StructType struct_type(std::string name, std::vector<Field> fields, StructType::After after = {}) {
  static const S defaults{};
  return StructType(std::move(name), &defaults, std::move(fields), std::move(after));
}

}  // namespace weir::config
