#include "aws/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "aws/timestamp.h"

namespace weir::aws {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> kDigits = [] {
  std::array<signed char, 256> digits{};
  for (auto& digit : digits) digit = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<signed char>(i);
  }
  return digits;
}();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class T>
std::optional<Value> whole_from_text(std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Value(std::int64_t{number});
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  bool ended = false;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0 || ended) return std::nullopt;
    group = (group << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 255);
    }
  }
  if (bits == 6) return std::nullopt;
  return bytes;
}

std::string percent_decode(std::string_view text, bool plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string real_to_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", number);
}

std::optional<double> real_from_text(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;  // from_chars reads "inf" and "nan" too
  return number;
}

std::optional<Value> scalar_from_text(const Shape& shape, std::string_view text) {
  switch (shape.kind) {
    case Kind::string:
      return Value(std::string(text));
    case Kind::integer:
      return whole_from_text<std::int32_t>(text);
    case Kind::wide:
      return whole_from_text<std::int64_t>(text);
    case Kind::real:
      if (const auto number = real_from_text(text)) return Value(*number);
      return std::nullopt;
    case Kind::boolean:
      if (text == "true" || text == "True" || text == "1") return Value(true);
      if (text == "false" || text == "False" || text == "0") return Value(false);
      return std::nullopt;
    case Kind::timestamp:
      if (const auto time = read_timestamp(text)) return Value(*time);
      return std::nullopt;
    case Kind::blob:
      if (auto bytes = decode_base64(text)) return Value(*std::move(bytes));
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string scalar_to_text(const Value& value, const Shape& shape, TimeFormat format) {
  if (const auto* text = value.as<std::string>()) {
    return shape.kind == Kind::blob ? encode_base64(*text) : *text;
  }
  if (const auto* number = value.as<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto* number = value.as<double>()) return real_to_text(*number);
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  if (const auto* time = value.as<WallTime>()) return write_timestamp(*time, format);
  return {};
}

std::string_view noun(Kind kind) {
  switch (kind) {
    case Kind::structure:
      return "a structure";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "an integer";
    case Kind::wide:
      return "a long integer";
    case Kind::real:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::timestamp:
      return "a timestamp";
    case Kind::blob:
      return "base64";
    case Kind::document:
      return "a document";
  }
  return "a value";
}

}  // namespace weir::aws
