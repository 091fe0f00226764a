#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/reader.h"
#include "config/utf8.h"

namespace weir::config {
namespace {

// Ends the parse from within the handler.
struct Abort {
  Place place;
  std::string what;
  std::string remedy;
};

std::size_t weight(const Node& node) {
  std::size_t total = 1 + node.text.size() / 64;
  for (const Node& item : node.items) total += weight(item);
  for (const Entry& entry : node.entries) {
    total += weight(entry.value) + entry.key.size() / 64;
  }
  return total;
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::uint32_t file, Findings& findings) : file_(file), findings_(findings) {}

  Node take() { return std::move(root_); }
  // Line 0: none.
  Place last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place(mark);
    finish(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Abort{place(mark), "an alias stands inside the value that it names",
                  "name a value that is complete"};
    }
    Node copy = found->second.first;
    spend(found->second.second, place(mark));
    finish(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = Node::scalar(value);
    node.quoted = tag == "!";
    node.place = place(mark);
    if (node.quoted) last_quoted_ = node.place;
    spend(1 + value.size() / 64, node.place);
    finish(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(Node::sequence(), mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(Node::map(), mark, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
    Place key_place;
    std::vector<Entry> merges;                           // of `<<`
    std::unordered_map<std::string, std::size_t> index;  // of the entries, once they are many
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  void spend(std::size_t nodes, Place where) {
    spent_ += nodes;
    if (spent_ > kMostNodes) {
      throw Abort{where, fmt::format("more than {} values", kMostNodes),
                  "use fewer aliases, or split the file"};
    }
  }

  void begin(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    node.place = place(mark);
    if (stack_.size() >= static_cast<std::size_t>(kDeepest)) {
      throw Abort{node.place, fmt::format("nested deeper than {} levels", kDeepest),
                  "check brackets and indentation"};
    }
    spend(1, node.place);
    Frame frame{std::move(node), anchor, false, {}, {}, {}, {}};
    stack_.push_back(std::move(frame));
  }

  void end() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    for (Entry& merged : frame.merges) {
      if (frame.node.find(merged.key) == nullptr) frame.node.entries.push_back(std::move(merged));
    }
    finish(std::move(frame.node), frame.anchor);
  }

  // A complete node: the root, an item, a key or the value of one.
  void finish(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = {node, weight(node)};
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == Node::Kind::sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, std::move(node));
    } else {
      frame.has_key = false;
      take_value(frame, std::move(node));
    }
  }

  static void take_key(Frame& frame, Node node) {
    if (node.kind != Node::Kind::scalar) {
      throw Abort{node.place, "a key is " + describe_kind(node),
                  "write a plain text before the ':'; quote a text that starts with { or ["};
    }
    frame.has_key = true;
    frame.key = std::move(node.text);
    frame.key_place = node.place;
  }

  void take_value(Frame& frame, Node value) {
    // What is not there stands where its key does, not where the next thing starts.
    if (value.is_null()) value.place = frame.key_place;
    if (frame.key == "<<") return merge(frame, std::move(value));
    if (const Entry* first = seen(frame)) {
      findings_.add(Finding{path_to(frame.key), frame.key_place,
                            fmt::format("the key '{}' occurs twice; first in line {}",
                                        shorten(frame.key), first->place.line),
                            "keep one of them"});
      return;
    }
    frame.node.entries.push_back(Entry{std::move(frame.key), frame.key_place, std::move(value)});
  }

  // A short map is searched, a long one is looked up.
  static const Entry* seen(Frame& frame) {
    constexpr std::size_t kShort = 32;
    const auto& entries = frame.node.entries;
    if (entries.size() <= kShort) return frame.node.find(frame.key);
    for (std::size_t i = frame.index.size(); i < entries.size(); ++i) {
      frame.index.emplace(entries[i].key, i);
    }
    const auto found = frame.index.find(frame.key);
    return found == frame.index.end() ? nullptr : &entries[found->second];
  }

  void merge(Frame& frame, Node value) {
    std::vector<Node> sources;
    if (value.kind == Node::Kind::sequence) {
      sources = std::move(value.items);
    } else {
      sources.push_back(std::move(value));
    }
    for (Node& source : sources) {
      if (source.kind != Node::Kind::map) {
        throw Abort{frame.key_place, "'<<' merges " + describe_kind(source),
                    "give it an alias of a map: <<: *name"};
      }
      for (Entry& entry : source.entries) frame.merges.push_back(std::move(entry));
    }
  }

  Path path_to(const std::string& key) const {
    Path path;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const Frame& frame = stack_[i];
      if (frame.node.kind == Node::Kind::sequence) {
        path.push_back({{}, static_cast<int>(frame.node.items.size())});
      } else {
        path.push_back({frame.key, -1});
      }
    }
    path.push_back({key, -1});
    return path;
  }

  std::uint32_t file_;
  Findings& findings_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, std::pair<Node, std::size_t>> anchors_;
  std::size_t spent_ = 0;
  Place last_quoted_;
  Node root_;
};

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1; --line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// The text from a place on; columns count characters, not bytes.
std::string_view text_at(std::string_view text, Place place) {
  for (int line = 1; line < place.line; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  for (int column = 1; column < place.column && !text.empty(); ++column) {
    text.remove_prefix(1);
    while (!text.empty() && (text[0] & 0xc0) == 0x80) text.remove_prefix(1);
  }
  return text;
}

Place place_of(std::string_view text, std::size_t offset, std::uint32_t file) {
  Place place{file, 1, 1};
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((text[i] & 0xc0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

// yaml-cpp takes the end of the file for the end of a quoted text.
bool quote_stays_open(std::string_view text) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return false;
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return false;
    }
  }
  return true;
}

// What usually lies behind a message of the parser.
std::string remedy_for(std::string_view message, std::string_view line) {
  const auto says = [message](std::string_view part) {
    return message.find(part) != std::string_view::npos;
  };
  if (line.find('\t') != std::string_view::npos) return "indent with spaces, not with tabs";
  if (const auto dollar = line.find("${"); dollar != std::string_view::npos) {
    const bool quoted = dollar > 0 && (line[dollar - 1] == '"' || line[dollar - 1] == '\'');
    if (!quoted) return "quote a text with ${...}: \"${WEIR_PORT}\"";
  }
  if (says("anchor") || says("alias")) return "quote a text that starts with * or &: \"*.example\"";
  if (says("tag") || says("unknown token")) return "quote a text that starts with !, %, @ or `";
  if (says("illegal map value"))
    return "quote a text that contains ': ', and check the indentation";
  if (says("end of map") || says("end of sequence")) {
    return "close each bracket, and indent the keys of one map alike";
  }
  if (says("end of file") || says("EOF") || says("quot")) return "close the quote";
  return "check the indentation, brackets and quotes here and just above";
}

}  // namespace

Node parse_yaml(std::string_view text, std::uint32_t file, Findings& findings) {
  const auto complain = [&](Place place, std::string what, std::string remedy) {
    findings.add(Finding{{}, place, std::move(what), std::move(remedy)});
  };
  if (const auto bad = find_not_text(text); bad != std::string_view::npos) {
    complain(place_of(text, bad, file), "has a byte that is not text", "save the file as UTF-8");
    return {};
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder first(file, findings);
    parser.HandleNextDocument(first);
    Node root = first.take();
    const Place quoted = first.last_quoted();
    if (quoted.line > 0 && quote_stays_open(text_at(text, quoted))) {
      complain(quoted, "the quote that starts here is never closed", "close it");
      return {};
    }
    Findings ignored;
    Builder second(file, ignored);
    if (parser.HandleNextDocument(second)) {
      const Node more = second.take();
      if (!more.is_null()) {
        complain(more.place, "a second document starts", "put it into a file of its own");
      }
    }
    return root;
  } catch (const Abort& abort) {
    complain(abort.place, abort.what, abort.remedy);
  } catch (const YAML::Exception& error) {
    const Place place{file, std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1};
    complain(place, "is not YAML: " + error.msg, remedy_for(error.msg, line_of(text, place.line)));
  } catch (const std::exception& error) {
    complain({file, 1, 1}, std::string("is not YAML: ") + error.what(), "check the file");
  }
  return {};
}

}  // namespace weir::config
