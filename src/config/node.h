// Node: a neutral tree of text, lists and maps, with the place of each key and value.
//
// YAML and JSON both become Nodes; decoders read nothing else. Values only; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

// Where something stands. Line and column count from 1; line 0 is "nowhere" (an API body).
struct Place {
  std::uint32_t file = 0;  // index into Document::files
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };

  Kind kind = Kind::null;
  // A scalar: surely text (quoted in YAML, a string in JSON), not a number, truth value or unit.
  bool quoted = false;
  Place place;
  std::string text;            // scalar
  std::vector<Node> items;     // sequence
  std::vector<Entry> entries;  // map, in the order of the file; keys are unique

  static Node scalar(std::string text);  // a bare word: number, truth value, duration
  static Node quote(std::string text);   // text
  static Node sequence();
  static Node map();

  const Entry* find(std::string_view key) const;
  void add(std::string key, Node value);
  bool is_null() const { return kind == Kind::null; }

  // Compares meaning: kind, text, items and entries in order; not places or quotes.
  bool operator==(const Node& other) const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// What a text or a folder of texts became.
struct Document {
  std::vector<std::string> files;  // names for messages
  Node root;
};

}  // namespace weir::config
