#include "api/native/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config/json.h"

namespace weir::api {
namespace {

using config::Node;

tl::unexpected<Error> wrong(std::string_view key, std::string_view expected) {
  return fail(Code::invalid, fmt::format("\"{}\" must be {}", key, expected));
}

Result<Node> parse_object(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Node::map();
  config::Findings findings;
  Node root = config::parse_json(text, 0, findings);
  if (!findings.empty()) {
    const auto mistakes = findings.locate(config::Document{{"body"}, {}});
    return fail(Code::invalid, config::to_string(mistakes.front()));
  }
  if (root.kind != Node::Kind::map) return fail(Code::invalid, "the body must be a JSON object");
  return root;
}

}  // namespace

Result<Body> Body::parse(std::string_view text, std::initializer_list<std::string_view> known) {
  TRY(Node root, parse_object(text));
  for (const config::Entry& entry : root.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      return fail(Code::invalid, fmt::format("unknown key \"{}\"; there {} {}", entry.key,
                                             known.size() == 1 ? "is" : "are",
                                             fmt::join(known.begin(), known.end(), ", ")));
    }
  }
  return Body(std::move(root));
}

Result<std::string> Body::text(std::string_view key) const {
  const config::Entry* entry = root_.find(key);
  if (!entry || entry->value.kind != Node::Kind::scalar || !entry->value.quoted ||
      entry->value.text.empty()) {
    return wrong(key, "given, and a text");
  }
  return entry->value.text;
}

Result<std::string> Body::text_or_empty(std::string_view key) const {
  return root_.find(key) ? text(key) : std::string();
}

Result<std::vector<std::string>> Body::texts_or_none(std::string_view key) const {
  std::vector<std::string> texts;
  const config::Entry* entry = root_.find(key);
  if (!entry) return texts;
  if (entry->value.kind != Node::Kind::sequence) return wrong(key, "a list of texts");
  for (const Node& item : entry->value.items) {
    if (item.kind != Node::Kind::scalar || !item.quoted) return wrong(key, "a list of texts");
    texts.push_back(item.text);
  }
  return texts;
}

Result<std::uint32_t> Body::number(std::string_view key) const {
  const config::Entry* entry = root_.find(key);
  std::uint32_t number = 0;
  if (entry && entry->value.kind == Node::Kind::scalar && !entry->value.quoted) {
    const std::string& text = entry->value.text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return wrong(key, "given, and a whole number from 0 to 4294967295");
}

Result<bool> Body::flag(std::string_view key) const {
  const config::Entry* entry = root_.find(key);
  if (!entry) return false;
  if (entry->value.kind == Node::Kind::scalar && !entry->value.quoted) {
    if (entry->value.text == "true") return true;
    if (entry->value.text == "false") return false;
  }
  return wrong(key, "true or false");
}

std::optional<std::string> named_file(std::string_view json) {
  const auto body = Body::parse(json, {"path"});
  if (!body) return std::nullopt;
  const auto path = body->text("path");
  if (!path) return std::nullopt;
  return *path;
}

}  // namespace weir::api
