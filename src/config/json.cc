#include "config/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/reader.h"
#include "config/yaml.h"

namespace weir::config {
namespace {

// Builds Nodes from events; false ends the parse.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Builder(std::string_view text, std::uint32_t file, Findings& findings)
      : text_(text), file_(file), findings_(findings) {}

  Node take() { return std::move(root_); }

  bool null() { return finish({}); }
  bool boolean(bool value) { return finish(Node::scalar(value ? "true" : "false")); }
  bool number_integer(number_integer_t value) {
    return finish(Node::scalar(std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) {
    return finish(Node::scalar(std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& text) { return finish(Node::scalar(text)); }
  bool string(string_t& text) { return finish(Node::quote(std::move(text))); }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return begin(Node::map()); }
  bool start_array(std::size_t) { return begin(Node::sequence()); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(string_t& text) {
    stack_.back().key = std::move(text);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    std::string_view what = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..."
    if (const auto colon = what.find(": "); colon != std::string_view::npos) {
      what.remove_prefix(colon + 2);
    }
    complain(position, "is not JSON: " + shorten(what), "check brackets, commas and quotes");
    return false;
  }

 private:
  struct Frame {
    Node node;
    std::string key;
  };

  bool begin(Node node) {
    if (stack_.size() >= static_cast<std::size_t>(kDeepest)) {
      complain(0, fmt::format("nested deeper than {} levels", kDeepest), "check the brackets");
      return false;
    }
    stack_.push_back({std::move(node), {}});
    return true;
  }
  bool end() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    return finish(std::move(node));
  }
  bool finish(Node node) {
    node.place.file = file_;
    if (stack_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == Node::Kind::sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.node.find(frame.key) != nullptr) {
      findings_.add(Finding{{{frame.key, -1}},
                            Place{file_, 0, 0},
                            fmt::format("the key '{}' occurs twice", shorten(frame.key)),
                            "keep one of them"});
    } else {
      frame.node.entries.push_back(Entry{frame.key, Place{file_, 0, 0}, std::move(node)});
    }
    return true;
  }
  void complain(std::size_t position, std::string what, std::string remedy) {
    Place place{file_, 1, 1};
    for (std::size_t i = 0; i + 1 < position && i < text_.size(); ++i) {
      if (text_[i] == '\n') ++place.line;
      place.column = text_[i] == '\n' ? 1 : place.column + 1;
    }
    findings_.add(Finding{{}, place, std::move(what), std::move(remedy)});
  }

  std::string_view text_;
  std::uint32_t file_;
  Findings& findings_;
  std::vector<Frame> stack_;
  Node root_;
};

using Json = nlohmann::ordered_json;

Json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      if (!node.quoted) {
        Json bare = Json::parse(node.text, nullptr, false);
        if (bare.is_number() || bare.is_boolean()) return bare;
      }
      return node.text;
    case Node::Kind::sequence: {
      Json list = Json::array();
      for (const Node& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case Node::Kind::map:
      break;
  }
  Json map = Json::object();
  for (const Entry& entry : node.entries) map[entry.key] = to_json(entry.value);
  return map;
}

}  // namespace

Node parse_json(std::string_view text, std::uint32_t file, Findings& findings) {
  Builder builder(text, file, findings);
  try {
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return {};
  } catch (const std::exception& error) {
    findings.add(Finding{{}, Place{file, 1, 1}, std::string("is not JSON: ") + error.what(), {}});
    return {};
  }
  return builder.take();
}

std::string write_json(const Node& node, int indent) {
  return to_json(node).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::config
