#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "aws/json.h"
#include "aws/text.h"
#include "aws/timestamp.h"

namespace weir::aws {
namespace {

using nlohmann::json;

constexpr int kDeepestDocument = 128;

Value document(const json& from, int depth) {
  if (depth == kDeepestDocument) return Null{};
  switch (from.type()) {
    case json::value_t::boolean:
      return from.get<bool>();
    case json::value_t::number_integer:
      return from.get<std::int64_t>();
    case json::value_t::number_unsigned:
      if (from.get<std::uint64_t>() > INT64_MAX) return from.get<double>();
      return from.get<std::int64_t>();
    case json::value_t::number_float:
      return from.get<double>();
    case json::value_t::string:
      return from.get<std::string>();
    case json::value_t::array: {
      List list;
      for (const json& item : from) list.items.push_back(document(item, depth + 1));
      return list;
    }
    case json::value_t::object: {
      Map map;
      for (const auto& [key, item] : from.items()) {
        map.entries.push_back({key, document(item, depth + 1)});
      }
      return map;
    }
    case json::value_t::binary: {
      const auto& bytes = from.get_binary();
      return std::string(bytes.begin(), bytes.end());
    }
    default:
      return Null{};
  }
}

class JsonReader {
 public:
  explicit JsonReader(Reading& reading) : reading_(reading) {}

  Value read(const Member& member, const json& from) {
    if (depth_ == kDeepest) return {};
    ++depth_;
    Value value = read_at_depth(*member.shape, from);
    --depth_;
    return value;
  }

 private:
  Value read_at_depth(const Shape& shape, const json& from) {
    switch (shape.kind) {
      case Kind::structure:
        return from.is_object() ? structure(shape, from) : wrong(shape);
      case Kind::list:
        return from.is_array() ? list(shape, from) : wrong(shape);
      case Kind::map:
        return from.is_object() ? map(shape, from) : wrong(shape);
      case Kind::document:
        return document(from, 0);
      default:
        return scalar(shape, from);
    }
  }

  Value wrong(const Shape& shape) {
    reading_.complain(path_.text(), shape.kind);
    return {};
  }

  Value structure(const Shape& shape, const json& from) {
    Structure made;
    made.members.resize(shape.members.size());
    std::size_t known = 0;
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      if (member.place != Place::body) continue;
      const auto found = from.find(std::string(member.wire_name()));
      if (found == from.end()) continue;
      ++known;
      if (found->is_null() && member.shape->kind != Kind::document) continue;
      const auto step = Path::Step::member(path_, member.name);
      made.members[i] = read(member, *found);
    }
    if (known < from.size()) ignore_others(shape, from);
    return made;
  }

  void ignore_others(const Shape& shape, const json& from) {
    for (const auto& [key, item] : from.items()) {
      bool known = key == "__type";
      for (const Member& member : shape.members) {
        known = known || (member.place == Place::body && member.wire_name() == key);
      }
      if (!known) reading_.ignore(key);
    }
  }

  Value list(const Shape& shape, const json& from) {
    List made;
    made.items.reserve(from.size());
    for (const json& item : from) {
      const auto step = Path::Step::item(path_, made.items.size() + 1);
      made.items.push_back(item.is_null() ? Value(Null{}) : read(*shape.item, item));
    }
    return made;
  }

  Value map(const Shape& shape, const json& from) {
    Map made;
    for (const auto& [key, item] : from.items()) {
      const Path::Step step(path_, key);
      made.entries.push_back({key, item.is_null() ? Value(Null{}) : read(*shape.item, item)});
    }
    return made;
  }

  Value whole(const Shape& shape, const json& from) {
    if (from.is_number_float()) {
      const double number = from.get<double>();
      if (number == std::floor(number) && std::abs(number) < 9e15) {
        return whole(shape, json(static_cast<std::int64_t>(number)));
      }
      return wrong(shape);
    }
    if (!from.is_number() || (from.is_number_unsigned() && from.get<std::uint64_t>() > INT64_MAX)) {
      return wrong(shape);
    }
    const auto number = from.get<std::int64_t>();
    const bool fits = shape.kind == Kind::wide || (number >= INT32_MIN && number <= INT32_MAX);
    return fits ? Value(number) : wrong(shape);
  }

  Value scalar(const Shape& shape, const json& from) {
    switch (shape.kind) {
      case Kind::string:
        return from.is_string() ? Value(from.get<std::string>()) : wrong(shape);
      case Kind::integer:
      case Kind::wide:
        return whole(shape, from);
      case Kind::boolean:
        return from.is_boolean() ? Value(from.get<bool>()) : wrong(shape);
      case Kind::blob:
        if (from.is_binary()) return document(from, 0);
        break;
      case Kind::real:
        if (from.is_number()) return from.get<double>();
        break;
      case Kind::timestamp:
        if (from.is_number_integer()) {
          const auto seconds = from.get<std::int64_t>();
          if (const auto time = timestamp_of(static_cast<double>(seconds))) return *time;
          return wrong(shape);
        }
        if (from.is_number()) {
          if (const auto time = timestamp_of(from.get<double>())) return *time;
          return wrong(shape);
        }
        break;
      default:
        break;
    }
    if (!from.is_string()) return wrong(shape);
    auto value = scalar_from_text(shape, from.get_ref<const std::string&>());
    return value ? *std::move(value) : wrong(shape);
  }

  Reading& reading_;
  Path path_;
  int depth_ = 0;
};

}  // namespace

Result<json> parse_json(std::string_view text) {
  if (std::count(text.begin(), text.end(), ',') >= static_cast<std::ptrdiff_t>(kMostValues)) {
    return fail(Code::limit, fmt::format("more than {} values", kMostValues));
  }
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    const std::string_view what = error.what();
    const auto at = what.find("parse error");
    return fail(Code::invalid, std::string(what.substr(at == std::string_view::npos ? 0 : at)));
  }
}

Value read_json_value(const Member& member, const json& from, Reading& reading) {
  return JsonReader(reading).read(member, from);
}

Value document_of(const json& from) { return document(from, 0); }

}  // namespace weir::aws
