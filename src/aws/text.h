// Scalars as text: base64, percent-escapes, numbers. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/shape.h"
#include "aws/value.h"

namespace weir::aws {

std::string encode_base64(std::string_view bytes);
// With or without padding, with line breaks; nothing where a character is none of base64's.
std::optional<std::string> decode_base64(std::string_view text);

// %41 to A, and + to a blank where `plus` says so. What is no escape stays as it is.
std::string percent_decode(std::string_view text, bool plus);

// A string, number, boolean, blob or timestamp of the shape, as query, XML and headers write it.
std::optional<Value> scalar_from_text(const Shape& shape, std::string_view text);
// The other way; `format` is of timestamps. Structures and lists have no such form.
std::string scalar_to_text(const Value& value, const Shape& shape, TimeFormat format);

// 1.5, 7, NaN, Infinity, -Infinity.
std::string real_to_text(double number);
std::optional<double> real_from_text(std::string_view text);

// "a string", "an integer", ...: what a member of the kind must be.
std::string_view noun(Kind kind);

inline std::string_view or_else(std::string_view name, std::string_view other) {
  return name.empty() ? other : name;
}

}  // namespace weir::aws
