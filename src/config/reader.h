// Cursor: a node on the way down a document, with its path; complains to Findings.
//
// Lives on the stack of the decoding walk. What it points to outlives it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/mistake.h"
#include "config/node.h"

namespace weir::config {

class Cursor {
 public:
  Cursor(const Node& root, Findings& findings) : node_(&root), findings_(&findings) {}

  const Node& node() const { return *node_; }
  const Trail& trail() const { return trail_; }
  Findings& findings() const { return *findings_; }

  Cursor enter(const Entry& entry) const;
  Cursor item(std::size_t index) const;

  // About the value, at its place.
  void mistake(std::string what, std::string remedy) const;
  // About a key of this map, at the key.
  void mistake_at(const Entry& entry, std::string what, std::string remedy) const;
  // `unknown key 'x': did you mean 'y'?`, or what there is where nothing is meant.
  void unknown_key(const Entry& entry, const std::vector<std::string>& known,
                   const std::optional<std::string>& meant) const;
  // `is a list: <remedy>`: the node has the wrong kind.
  void wrong_kind(std::string remedy) const;

 private:
  Cursor(const Node& node, Findings& findings, Trail trail)
      : node_(&node), findings_(&findings), trail_(trail) {}

  const Node* node_;
  Findings* findings_;
  Trail trail_;
};

// What a node is, in words: "a list", "the text 'x'".
std::string describe_kind(const Node& node);
// At most 60 bytes of it, control characters replaced, for messages.
std::string shorten(std::string_view text);

}  // namespace weir::config
