// Writes a Node as YAML: block form, short leaves on one line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config/yaml.h"

namespace weir::config {
namespace {

constexpr std::size_t kWidth = 96;

bool is_word(std::string_view text) {
  const auto plain = [](char c, bool first) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '/' || c == '.' || c == '_') return true;
    return !first && (c == '-' || c == '+' || c == ':' || c == '=' || c == '%' || c == '@' ||
                      c == '*' || c == '$' || c == '~' || c == '(' || c == ')' || c == '^');
  };
  if (text.empty() || text.back() == ':') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool space = text[i] == ' ' && i > 0 && i + 1 < text.size() && text[i - 1] != ':';
    if (!plain(text[i], i == 0) && !space) return false;
  }
  return text != "..." && !text.starts_with("... ");
}

bool looks_like_another_type(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() && error == std::errc() && end == text.data() + text.size()) return true;
  if (text.starts_with("0x") || text.starts_with("0o")) return true;
  static constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on",
                                                "off",  "y",     "n",    "~",   "nan"};
  const auto same = [text](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  return std::any_of(std::begin(kWords), std::end(kWords), same) || text == "<<";
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          result += c;
        }
    }
  }
  return result + '"';
}

std::string word(std::string_view text, bool surely_text) {
  const bool plain = is_word(text) && !(surely_text && looks_like_another_type(text));
  return plain ? std::string(text) : quote(text);
}

bool is_empty(const Node& node) {
  return (node.kind == Node::Kind::map && node.entries.empty()) ||
         (node.kind == Node::Kind::sequence && node.items.empty());
}

bool is_leaf(const Node& node) {
  return node.kind == Node::Kind::scalar || node.is_null() || is_empty(node);
}

// Short maps and lists of leaves, and maps that hold only one such, fit on a line.
bool fits_inline(const Node& node, std::size_t indent) {
  if (is_leaf(node)) return true;
  const auto simple = [](const Node& inner) {
    return is_leaf(inner) || (inner.kind == Node::Kind::sequence &&
                              std::all_of(inner.items.begin(), inner.items.end(), is_leaf));
  };
  if (node.kind == Node::Kind::sequence) {
    if (!std::all_of(node.items.begin(), node.items.end(), is_leaf)) return false;
  } else if (!std::all_of(node.entries.begin(), node.entries.end(),
                          [&](const Entry& entry) { return simple(entry.value); })) {
    return false;
  }
  return indent + write_yaml_inline(node).size() <= kWidth;
}

void write_block(const Node& node, std::size_t indent, std::string& out);

// After `key:` or `- `.
void write_value(const Node& node, std::size_t indent, bool may_inline, std::string& out) {
  if (is_leaf(node) || (may_inline && fits_inline(node, indent + 8))) {
    out += ' ';
    out += write_yaml_inline(node);
    out += '\n';
  } else {
    out += '\n';
    write_block(node, indent + 2, out);
  }
}

void write_item(const Node& item, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  if (fits_inline(item, indent + 2) || item.kind == Node::Kind::sequence) {
    out += margin + "- " + write_yaml_inline(item) + '\n';
    return;
  }
  std::string block;
  write_block(item, indent + 2, block);
  block[indent] = '-';
  out += block;
}

void write_block(const Node& node, std::size_t indent, std::string& out) {
  if (node.kind == Node::Kind::sequence) {
    for (const Node& item : node.items) write_item(item, indent, out);
    return;
  }
  for (const Entry& entry : node.entries) {
    if (indent == 0 && !out.empty() && !is_leaf(entry.value)) out += '\n';
    out.append(indent, ' ');
    out += word(entry.key, true) + ':';
    write_value(entry.value, indent, indent > 0, out);
  }
}

}  // namespace

std::string write_yaml_inline(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::scalar:
      return word(node.text, node.quoted);
    case Node::Kind::sequence:
      for (const Node& item : node.items) {
        text += (text.empty() ? "" : ", ") + write_yaml_inline(item);
      }
      return '[' + text + ']';
    case Node::Kind::map:
      for (const Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + word(entry.key, true) + ": " +
                write_yaml_inline(entry.value);
      }
      break;
  }
  return text.empty() ? "{}" : "{ " + text + " }";
}

std::string write_yaml(const Node& node) {
  if (is_leaf(node)) return write_yaml_inline(node) + '\n';
  std::string text;
  write_block(node, 0, text);
  return text;
}

}  // namespace weir::config
