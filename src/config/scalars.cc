#include "config/scalars.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace weir::config {
namespace {

template <class T>
T& as(void* value) {
  return *static_cast<T*>(value);
}
template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}

// The text of a scalar; nullptr, with a complaint, where there is none.
const std::string* text_of(const Cursor& cursor, const std::string& wanted) {
  const Node& node = cursor.node();
  if (node.kind == Node::Kind::scalar) return &node.text;
  if (node.is_null()) {
    cursor.mistake("has no value", fmt::format("write {}, or remove the key", wanted));
  } else {
    cursor.wrong_kind("write " + wanted);
  }
  return nullptr;
}

// The number that a text starts with, and what follows it.
struct Split {
  double number = 0;
  std::string digits;
  std::string rest;
};
std::optional<Split> split_number(const std::string& text) {
  Split split;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), split.number,
                                            std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(split.number)) return std::nullopt;
  split.digits.assign(text.data(), end);
  split.rest.assign(end, text.data() + text.size());
  while (!split.rest.empty() && split.rest.front() == ' ') split.rest.erase(0, 1);
  return split;
}

class BoolType final : public Type {
 public:
  std::string name() const override { return "true or false"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "true or false");
    if (text == nullptr) return;
    if (*text == "true" || *text == "false") {
      as<bool>(value) = *text == "true";
    } else {
      cursor.mistake(fmt::format("'{}' is neither true nor false", shorten(*text)), remedy(*text));
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(as<bool>(value) ? "true" : "false");
  }
  bool equal(const void* a, const void* b) const override { return as<bool>(a) == as<bool>(b); }

 private:
  static std::string remedy(const std::string& text) {
    const char first = text.empty() ? ' ' : text[0];
    const bool on = text == "on" || text == "On" || text == "ON";
    if (first == 'y' || first == 'Y' || first == 't' || first == 'T' || first == '1' || on) {
      return "write true";
    }
    if (first == 'n' || first == 'N' || first == 'f' || first == 'F' || first == '0') {
      return "write false";
    }
    return "write true or false";
  }
};

template <class T>
class IntegerType final : public Type {
 public:
  std::string name() const override { return "whole number"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "a whole number");
    if (text == nullptr) return;
    using Limits = std::numeric_limits<T>;
    std::int64_t number = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    const bool all = end == last && !text->empty();
    if (all && error == std::errc() && number >= std::int64_t{Limits::min()} &&
        number <= std::int64_t{Limits::max()}) {
      as<T>(value) = static_cast<T>(number);
    } else if (all && (error == std::errc() || error == std::errc::result_out_of_range)) {
      if (text->front() == '-') {
        cursor.mistake(
            fmt::format("{} is below {}", shorten(*text), Limits::min()),
            Limits::min() == 0 ? "write 0 or a number above it" : "write a larger number");
      } else {
        cursor.mistake(fmt::format("{} is above {}", shorten(*text), Limits::max()),
                       "write a smaller number");
      }
    } else {
      cursor.mistake(fmt::format("'{}' is not a whole number", shorten(*text)), remedy(*text));
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(fmt::format("{}", as<T>(value)));
  }
  bool equal(const void* a, const void* b) const override { return as<T>(a) == as<T>(b); }

 private:
  static std::string remedy(const std::string& text) {
    if (parse_duration(text)) return "this key counts, it takes no unit: write digits only";
    return "write digits only, such as 10";
  }
};

class DoubleType final : public Type {
 public:
  std::string name() const override { return "number"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "a number");
    if (text == nullptr) return;
    double number = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (end == last && error == std::errc() && std::isfinite(number)) {
      as<double>(value) = number;
    } else {
      cursor.mistake(fmt::format("'{}' is not a number", shorten(*text)), remedy(*text));
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(fmt::format("{}", as<double>(value)));
  }
  bool equal(const void* a, const void* b) const override { return as<double>(a) == as<double>(b); }

 private:
  static std::string remedy(const std::string& text) {
    const auto split = split_number(text);
    if (split && split->rest == "%") {
      return fmt::format("write a share as {:g}, a percentage as {}", split->number / 100,
                         split->digits);
    }
    if (split && split->rest == "m") {
      return fmt::format("this key takes no unit; {} thousandths are {:g}", split->digits,
                         split->number / 1000);
    }
    if (const auto duration = parse_duration(text)) {
      return fmt::format("this key takes no unit; in seconds write {:g}", seconds(*duration));
    }
    return "write a number such as 1.5";
  }
};

class TextType final : public Type {
 public:
  std::string name() const override { return "text"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "a text");
    if (text == nullptr) return;
    if (text->find('\0') != std::string::npos) {
      cursor.mistake("contains a zero byte", "remove it");
    } else {
      as<std::string>(value) = *text;
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::quote(as<std::string>(value));
  }
  bool equal(const void* a, const void* b) const override {
    return as<std::string>(a) == as<std::string>(b);
  }
};

class DurationType final : public Type {
 public:
  std::string name() const override { return "duration"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "a duration such as 30s");
    if (text == nullptr) return;
    const auto duration = parse_duration(*text);
    if (duration && *duration >= Duration(0)) {
      as<Duration>(value) = *duration;
    } else {
      complain(cursor, *text);
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(weir::to_string(as<Duration>(value)));
  }
  bool equal(const void* a, const void* b) const override {
    return as<Duration>(a) == as<Duration>(b);
  }

 private:
  static void complain(const Cursor& cursor, const std::string& text) {
    const auto split = split_number(text);
    if (!split) {
      cursor.mistake(fmt::format("'{}' is not a duration", shorten(text)),
                     "write a number with a unit: ms, s, m, h or d, such as 30s");
    } else if (split->number < 0) {
      cursor.mistake(fmt::format("'{}' is negative", shorten(text)),
                     "write 0 or a duration above it");
    } else if (split->rest.empty()) {
      cursor.mistake(fmt::format("{} has no unit", shorten(text)),
                     fmt::format("write {}s (units: ms, s, m, h, d)", split->digits));
    } else {
      cursor.mistake(
          fmt::format("'{}' is not a duration", shorten(text)),
          fmt::format("write {}{} (units: ms, s, m, h, d)", split->digits, unit(split->rest)));
    }
  }
  static std::string_view unit(const std::string& rest) {
    if (rest.starts_with("ms") || rest.starts_with("mil")) return "ms";
    const char first = static_cast<char>(rest[0] | 0x20);
    return first == 'm' ? "m" : first == 'h' ? "h" : first == 'd' ? "d" : "s";
  }
};

class BytesType final : public Type {
 public:
  std::string name() const override { return "size"; }
  void decode(const Cursor& cursor, void* value) const override {
    const std::string* text = text_of(cursor, "a size such as 64MiB");
    if (text == nullptr) return;
    if (const auto bytes = parse_bytes(*text)) {
      as<Bytes>(value) = *bytes;
    } else {
      complain(cursor, *text);
    }
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(weir::to_string(as<Bytes>(value)));
  }
  bool equal(const void* a, const void* b) const override { return as<Bytes>(a) == as<Bytes>(b); }

 private:
  static void complain(const Cursor& cursor, const std::string& text) {
    const auto split = split_number(text);
    if (!split || split->number < 0) {
      cursor.mistake(fmt::format("'{}' is not a size", shorten(text)),
                     "write a number with a unit: B, KiB, MiB, GiB, KB, MB or GB, such as 64MiB");
    } else if (split->rest.empty()) {
      cursor.mistake(
          fmt::format("{} has no unit", shorten(text)),
          fmt::format("write {}B or {}MiB, whichever is meant", split->digits, split->digits));
    } else {
      const char first = static_cast<char>(split->rest[0] | 0x20);
      const std::string_view unit = first == 'k'   ? "KiB"
                                    : first == 'm' ? "MiB"
                                    : first == 'g' ? "GiB"
                                    : first == 't' ? "TiB"
                                                   : "B";
      cursor.mistake(fmt::format("'{}' is not a size", shorten(text)),
                     fmt::format("write {}{}", split->digits, unit));
    }
  }
};

class WordListType final : public Type {
 public:
  std::string name() const override { return "list of text"; }
  void decode(const Cursor& cursor, void* value) const override {
    if (cursor.node().kind == Node::Kind::scalar) {
      cursor.mistake(fmt::format("'{}' is one text", shorten(cursor.node().text)),
                     "write a list, one item per word: [program, --flag, value]");
      return;
    }
    auto& words = as<std::vector<std::string>>(value);
    detail::decode_list(
        cursor, text_type(),
        [&words](const Cursor& item, const Type& type) {
          type.decode(item, &words.emplace_back());
        },
        [&words] { words.clear(); });
  }
  Node encode(const void* value, Write) const override {
    Node node = Node::sequence();
    for (const std::string& word : as<std::vector<std::string>>(value)) {
      node.items.push_back(Node::quote(word));
    }
    return node;
  }
  bool equal(const void* a, const void* b) const override {
    return as<std::vector<std::string>>(a) == as<std::vector<std::string>>(b);
  }
};

template <class T>
const Type& only() {
  static const T type;
  return type;
}

}  // namespace

const Type& bool_type() { return only<BoolType>(); }
const Type& uint16_type() { return only<IntegerType<std::uint16_t>>(); }
const Type& uint32_type() { return only<IntegerType<std::uint32_t>>(); }
const Type& int32_type() { return only<IntegerType<std::int32_t>>(); }
const Type& double_type() { return only<DoubleType>(); }
const Type& text_type() { return only<TextType>(); }
const Type& duration_type() { return only<DurationType>(); }
const Type& bytes_type() { return only<BytesType>(); }
const Type& word_list_type() { return only<WordListType>(); }

namespace detail {

void decode_list(const Cursor& cursor, const Type& item,
                 const std::function<void(const Cursor&, const Type&)>& add,
                 const std::function<void()>& clear) {
  const Node& node = cursor.node();
  const bool has_keys = !item.children().empty();
  if (node.is_null()) return clear();
  if (node.kind == Node::Kind::map || (node.kind == Node::Kind::scalar && has_keys)) {
    cursor.wrong_kind(has_keys ? "write a list: start each item with '- '"
                               : "write one text, or a list: [a, b]");
    return;
  }
  clear();
  if (node.kind == Node::Kind::scalar) return add(cursor, item);
  for (std::size_t i = 0; i < node.items.size(); ++i) add(cursor.item(i), item);
}

bool is_map(const Cursor& cursor) {
  const Node& node = cursor.node();
  if (node.is_null() || node.kind == Node::Kind::map) return true;
  cursor.wrong_kind("write one entry per line, indented, each as 'name: value'");
  return false;
}

Node unwrap_single(Node list, const Type& item, Write how) {
  const bool single = list.items.size() == 1 && list.items[0].kind == Node::Kind::scalar;
  if (how == Write::in_full || !single || !item.children().empty()) return list;
  return std::move(list.items[0]);
}

}  // namespace detail
}  // namespace weir::config
