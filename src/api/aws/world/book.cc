#include "api/aws/world/book.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aws/json.h"
#include "aws/reading.h"

namespace weir::amazon {

std::string row_kind(std::string_view service, std::string_view shelf) {
  return fmt::format("{}/{}/{}", kOrigin, service, shelf);
}

std::string stored(const StoredParts& parts, const aws::Type& type, const void* value) {
  nlohmann::json beside{{"made", parts.made.time_since_epoch().count()}};
  if (!parts.attributes.empty()) beside["attributes"] = parts.attributes;
  if (!parts.tags.empty()) beside["tags"] = parts.tags;
  std::string text = beside.dump();
  text.pop_back();
  const aws::Member member{.name = "value", .shape = type.shape};
  return text + ",\"value\":" + aws::write_json_value(member, aws::kept_value_of(type, value)) +
         "}";
}

Result<StoredParts> read_stored(std::string_view body, const aws::Type& type, void* value) {
  TRY(const auto json, aws::parse_json(body));
  const auto held = json.find("value");
  if (held == json.end()) return fail(Code::invalid, "has no value");
  aws::Reading reading;
  const aws::Member member{.name = "value", .shape = type.shape};
  const aws::Value read = aws::read_json_value(member, *held, reading);
  if (!reading.malformed.empty()) return fail(Code::invalid, reading.malformed.front());
  aws::fill(type, read, value);
  StoredParts parts;
  parts.made = WallTime(Duration(json.value("made", std::int64_t{0})));
  parts.attributes = json.value("attributes", parts.attributes);
  parts.tags = json.value("tags", parts.tags);
  return parts;
}

}  // namespace weir::amazon
