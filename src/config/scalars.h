// The types of single values, and what lists and maps share.
#pragma once

#include <cstdint>
#include <functional>

#include "base/units.h"
#include "config/type.h"

namespace weir::config {

const Type& bool_type();
const Type& uint16_type();
const Type& uint32_type();
const Type& int32_type();
const Type& double_type();
const Type& text_type();
const Type& duration_type();
const Type& bytes_type();

// As a list of text, but a single scalar is a mistake: a command is not split at its spaces.
const Type& word_list_type();

namespace detail {

template <class T>
struct TypeOf;
template <>
struct TypeOf<bool> {
  static const Type& get() { return bool_type(); }
};
template <>
struct TypeOf<std::uint16_t> {
  static const Type& get() { return uint16_type(); }
};
template <>
struct TypeOf<std::uint32_t> {
  static const Type& get() { return uint32_type(); }
};
template <>
struct TypeOf<std::int32_t> {
  static const Type& get() { return int32_type(); }
};
template <>
struct TypeOf<double> {
  static const Type& get() { return double_type(); }
};
template <>
struct TypeOf<std::string> {
  static const Type& get() { return text_type(); }
};
template <>
struct TypeOf<Duration> {
  static const Type& get() { return duration_type(); }
};
template <>
struct TypeOf<Bytes> {
  static const Type& get() { return bytes_type(); }
};

// Calls `clear`, then `add` for each item, or complains.
void decode_list(const Cursor& cursor, const Type& item,
                 const std::function<void(const Cursor&, const Type&)>& add,
                 const std::function<void()>& clear);
// True for a map and for null; complains otherwise.
bool is_map(const Cursor& cursor);
// A list of one scalar reads better as the scalar, where it may stand for the list.
Node unwrap_single(Node list, const Type& item, Write how);

}  // namespace detail
}  // namespace weir::config
