// Value: what one shape of a model holds, whatever wire form it came in.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace weir::aws {

struct Value;
struct Entry;

struct Null {  // in documents and sparse lists only; a member that is not given is no Value
  bool operator==(const Null&) const = default;
};
// One place for each member of the shape, in the model's order; a place may be not given.
struct Structure {
  std::vector<Value> members;
  bool operator==(const Structure&) const;
};
struct List {
  std::vector<Value> items;
  bool operator==(const List&) const;
};
struct Map {  // in the order of the wire; also the objects of documents
  std::vector<Entry> entries;
  bool operator==(const Map&) const;
};

// Strings, enums and blobs are strings; integers of every width are 64 bits wide, floats doubles.
struct Value {
  using Held = std::variant<std::monostate, Null, bool, std::int64_t, double, std::string, WallTime,
                            Structure, List, Map>;
  Value() = default;
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value> && std::is_constructible_v<Held, T>)
  Value(T&& value) : held(std::forward<T>(value)) {}  // NOLINT: a value is what it holds
  Value(const char* text);                            // NOLINT
  Value(int number);                                  // NOLINT

  bool given() const { return held.index() != 0; }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&held);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&held);
  }
  bool operator==(const Value&) const;

  Held held;
};

struct Entry {
  std::string key;
  Value value;
  bool operator==(const Entry&) const;
};

inline Value::Value(const char* text) : held(std::string(text)) {}
inline Value::Value(int number) : held(std::int64_t{number}) {}
inline bool Entry::operator==(const Entry& other) const = default;
inline bool Value::operator==(const Value& other) const = default;
inline bool Structure::operator==(const Structure& other) const = default;
inline bool List::operator==(const List& other) const = default;
inline bool Map::operator==(const Map& other) const = default;

}  // namespace weir::aws
