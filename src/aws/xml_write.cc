#include "aws/text.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

std::string_view or_else(std::string_view name, std::string_view other) {
  return name.empty() ? other : name;
}

}  // namespace

// XML 1.0 knows no escape for most control characters: they are left out, as no reader takes them.
void XmlWriter::text(std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      case '"':
        out_ += "&quot;";
        break;
      case '\r':
        out_ += "&#xD;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out_ += c;
    }
  }
}

// Readers make blanks of line breaks and tabs in attributes.
void XmlWriter::attribute_text(std::string_view content) {
  for (const char c : content) {
    if (c == '\n') {
      out_ += "&#xA;";
    } else if (c == '\t') {
      out_ += "&#x9;";
    } else {
      text(std::string_view(&c, 1));
    }
  }
}

void XmlWriter::open(std::string_view name, std::string_view space, std::string_view prefix) {
  out_ += '<';
  out_ += name;
  if (!space.empty()) {
    out_ += " xmlns";
    if (!prefix.empty()) {
      out_ += ':';
      out_ += prefix;
    }
    out_ += "=\"";
    text(space);
    out_ += '"';
  }
  out_ += '>';
}

void XmlWriter::close(std::string_view name) {
  out_ += "</";
  out_ += name;
  out_ += '>';
}

void XmlWriter::element(std::string_view name, std::string_view content) {
  open(name);
  text(content);
  close(name);
}

void XmlWriter::members(const Shape& shape, const Structure& held) {
  for (std::size_t i = 0; i < shape.members.size() && i < held.members.size(); ++i) {
    const Member& one = shape.members[i];
    if (one.place != Place::body || one.xml_attribute || !held.members[i].given()) continue;
    member(one, held.members[i]);
  }
}

void XmlWriter::member(const Member& one, const Value& held) {
  if (one.shape->kind == Kind::list && one.flattened) {
    list(one.wire_name(), one, held);
  } else if (one.shape->kind == Kind::map && one.flattened) {
    map(one.wire_name(), one, held);
  } else {
    value(one.wire_name(), one, held);
  }
}

void XmlWriter::value(std::string_view name, const Member& one, const Value& held) {
  const Shape& shape = *one.shape;
  const std::string_view space = or_else(one.xml_namespace, shape.xml_namespace);
  const std::string_view prefix = one.xml_namespace.empty() ? shape.xml_prefix : one.xml_prefix;
  open(name, space, prefix);
  if (const auto* structure = held.as<Structure>()) {
    for (std::size_t i = 0; i < shape.members.size() && i < structure->members.size(); ++i) {
      const Member& attribute = shape.members[i];
      if (!attribute.xml_attribute || !structure->members[i].given()) continue;
      out_.pop_back();  // reopens the tag
      out_ += ' ';
      out_ += attribute.wire_name();
      out_ += "=\"";
      attribute_text(scalar_to_text(structure->members[i], *attribute.shape, TimeFormat::iso8601));
      out_ += "\">";
    }
    members(shape, *structure);
  } else if (shape.kind == Kind::list) {
    list(or_else(shape.item->location_name, "member"), one, held);
  } else if (shape.kind == Kind::map) {
    map("entry", one, held);
  } else {
    const TimeFormat format =
        one.time_format == TimeFormat::unset ? TimeFormat::iso8601 : one.time_format;
    text(scalar_to_text(held, shape, format));
  }
  close(name);
}

void XmlWriter::list(std::string_view name, const Member& one, const Value& held) {
  const auto* items = held.as<List>();
  if (!items) return;
  Member item = *one.shape->item;
  if (one.flattened && !one.xml_namespace.empty()) {
    item.xml_namespace = one.xml_namespace;
    item.xml_prefix = one.xml_prefix;
  }
  for (const Value& each : items->items) value(name, item, each);
}

void XmlWriter::map(std::string_view name, const Member& one, const Value& held) {
  const auto* entries = held.as<Map>();
  if (!entries) return;
  const Member& key = *one.shape->key;
  const Member& item = *one.shape->item;
  for (const Entry& entry : entries->entries) {
    one.flattened ? open(name, one.xml_namespace, one.xml_prefix) : open(name);
    value(or_else(key.location_name, "key"), key, entry.key);
    value(or_else(item.location_name, "value"), item, entry.value);
    close(name);
  }
}

}  // namespace weir::aws
