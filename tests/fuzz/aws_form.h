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
      std::size_t number = 0;
      for (const Value& each : list->items) {
        if (says(under(place, fmt::format("{}", number + 1)), item, each)) ++number;
      }
      if (number == 0) pair(name, {});
    } else if (const auto* map = value.as<Map>()) {
      std::size_t number = 0;
      for (const Entry& each : map->entries) {
        const std::string entry = under(name, fmt::format("entry.{}", number + 1));
        if (!says(under(entry, "value"), *member.shape->item, each.value)) continue;
        pair(under(entry, "key"), each.key);
        ++number;
      }
      if (number == 0) pair(name, {});
    } else if (value.given()) {
      pair(name, scalar_to_text(value, *member.shape, TimeFormat::iso8601));
    }
  }

 private:
  // A form has no word for an empty structure: it is left out. Was anything written?
  bool says(const std::string& name, const Member& member, const Value& value) {
    const std::size_t before = text_.size();
    write(name, member, value);
    return text_.size() > before;
  }

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
