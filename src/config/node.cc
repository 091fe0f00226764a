#include "config/node.h"

#include <utility>

namespace weir::config {

Node Node::scalar(std::string text) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  return node;
}

Node Node::quote(std::string text) {
  Node node = scalar(std::move(text));
  node.quoted = true;
  return node;
}

Node Node::sequence() {
  Node node;
  node.kind = Kind::sequence;
  return node;
}

Node Node::map() {
  Node node;
  node.kind = Kind::map;
  return node;
}

const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

void Node::add(std::string key, Node value) {
  entries.push_back(Entry{std::move(key), {}, std::move(value)});
}

bool Node::operator==(const Node& other) const {
  if (kind != other.kind || text != other.text || items != other.items) return false;
  if (entries.size() != other.entries.size()) return false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].key != other.entries[i].key) return false;
    if (entries[i].value != other.entries[i].value) return false;
  }
  return true;
}

}  // namespace weir::config
