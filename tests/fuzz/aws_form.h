// A value as the query protocols' clients write it.
#pragma once

#include <fmt/format.h>

#include "aws/text.h"
#include "aws_reader.h"

namespace weir::aws {

class FormWriter {
 public:
  explicit FormWriter(bool ec2) : ec2_(ec2) {}

  const std::string& text() const { return text_; }

  void write(const std::string& name, const Member& member, const Value& value) {
    if (const auto* held = value.as<Structure>()) {
      for (std::size_t i = 0; i < held->members.size(); ++i) {
        const Member& part = member.shape->members[i];
        if (held->members[i].given()) write(under(name, part.name), part, held->members[i]);
      }
    } else if (const auto* list = value.as<List>()) {
      const Member& item = *member.shape->item;
      const std::string named(item.location_name.empty() ? "member" : item.location_name);
      const std::string place = ec2_ || member.flattened ? name : under(name, named);
      if (list->items.empty()) pair(name, {});
      for (std::size_t i = 0; i < list->items.size(); ++i) {
        write(under(place, fmt::format("{}", i + 1)), item, list->items[i]);
      }
    } else if (const auto* map = value.as<Map>()) {
      if (map->entries.empty()) pair(name, {});
      for (std::size_t i = 0; i < map->entries.size(); ++i) {
        const std::string entry = under(name, fmt::format("entry.{}", i + 1));
        pair(under(entry, "key"), map->entries[i].key);
        write(under(entry, "value"), *member.shape->item, map->entries[i].value);
      }
    } else if (value.given()) {
      pair(name, scalar_to_text(value, *member.shape, TimeFormat::iso8601));
    }
  }

 private:
  static std::string under(const std::string& name, std::string_view part) {
    return name.empty() ? std::string(part) : name + "." + std::string(part);
  }
  void pair(const std::string& name, std::string_view value) {
    text_ += (text_.empty() ? "" : "&") + name + "=";
    for (const char c : value) text_ += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }

  bool ec2_;
  std::string text_;
};

}  // namespace weir::aws
