#include <fmt/format.h>

#include <pugixml.hpp>

#include "aws/text.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

std::string_view or_else(std::string_view name, std::string_view other) {
  return name.empty() ? other : name;
}

// Without the prefix of a namespace, unless the model names one.
bool is_named(std::string_view found, std::string_view wanted) {
  if (found == wanted) return !found.empty();
  const auto colon = found.find(':');
  return colon != std::string_view::npos && found.substr(colon + 1) == wanted;
}

class XmlReader {
 public:
  explicit XmlReader(Reading& reading) : reading_(reading) {}

  Value read(const Member& member, const pugi::xml_node& node) {
    const Shape& shape = *member.shape;
    if (depth_ == kDeepest) return {};
    ++depth_;
    Value value;
    if (shape.kind == Kind::structure) {
      value = structure(shape, node);
    } else if (shape.kind == Kind::list) {
      value = list(shape, children(node, or_else(shape.item->location_name, "member")));
    } else if (shape.kind == Kind::map) {
      value = map(shape, children(node, "entry"));
    } else {
      value = scalar(shape, node.text().get());
    }
    --depth_;
    return value;
  }

 private:
  using Nodes = std::vector<pugi::xml_node>;

  static Nodes children(const pugi::xml_node& node, std::string_view name) {
    Nodes found;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element && is_named(child.name(), name))
        found.push_back(child);
    }
    return found;
  }

  Value scalar(const Shape& shape, std::string_view text) {
    if (auto value = scalar_from_text(shape, text)) return *std::move(value);
    reading_.complain(path_.text(), shape.kind);
    return {};
  }

  Value structure(const Shape& shape, const pugi::xml_node& node) {
    Structure made;
    made.members.resize(shape.members.size());
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      if (member.place != Place::body) continue;
      const auto step = Path::Step::member(path_, member.name);
      if (member.xml_attribute) {
        const auto attribute = node.attribute(std::string(member.wire_name()).c_str());
        if (attribute) made.members[i] = scalar(*member.shape, attribute.value());
        continue;
      }
      made.members[i] = from_children(member, node);
    }
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element && !is_known(shape, child.name())) {
        reading_.ignore(child.name());
      }
    }
    return made;
  }

  static bool is_known(const Shape& shape, std::string_view name) {
    for (const Member& member : shape.members) {
      if (is_named(name, member.wire_name()) || is_named(name, item_name(member))) return true;
    }
    return false;
  }

  static std::string_view item_name(const Member& member) {
    const bool flat_list = member.flattened && member.shape->kind == Kind::list;
    return flat_list ? member.shape->item->location_name : std::string_view();
  }

  Value from_children(const Member& member, const pugi::xml_node& node) {
    // A flattened list may go by the name of its items.
    Nodes found = children(node, member.wire_name());
    if (found.empty()) found = children(node, item_name(member));
    if (found.empty()) return {};
    if (member.flattened && member.shape->kind == Kind::list) return list(*member.shape, found);
    if (member.flattened && member.shape->kind == Kind::map) return map(*member.shape, found);
    return read(member, found.front());
  }

  Value list(const Shape& shape, const Nodes& nodes) {
    List made;
    for (const pugi::xml_node& node : nodes) {
      const auto step = Path::Step::item(path_, made.items.size() + 1);
      made.items.push_back(read(*shape.item, node));
    }
    return made;
  }

  Value map(const Shape& shape, const Nodes& nodes) {
    Map made;
    for (const pugi::xml_node& node : nodes) {
      const Nodes key = children(node, or_else(shape.key->location_name, "key"));
      const Nodes value = children(node, or_else(shape.item->location_name, "value"));
      if (key.empty() || value.empty()) continue;
      const std::string name = key.front().text().get();
      const Path::Step step(path_, name);
      made.entries.push_back({name, read(*shape.item, value.front())});
    }
    return made;
  }

  Reading& reading_;
  Path path_;
  int depth_ = 0;
};

}  // namespace

Result<Value> read_xml_value(const Member& member, std::string_view text, Reading& reading) {
  pugi::xml_document document;
  const unsigned options = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const auto parsed = document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!parsed) {
    return fail(Code::invalid, fmt::format("{} at byte {}", parsed.description(), parsed.offset));
  }
  return XmlReader(reading).read(member, document.document_element());
}

}  // namespace weir::aws
