#include "aws/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "aws/pattern.h"
#include "aws/reading.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

constexpr std::size_t kLongestShown = 256;

std::string scalar_shown(const Shape& shape, const Value& value) {
  if (shape.sensitive) return "***";
  return scalar_to_text(value, shape, TimeFormat::iso8601).substr(0, kLongestShown);
}

// As AWS shows it: a list by its items, a structure not at all.
std::string shown(const Shape& shape, const Value& value) {
  const auto* list = value.as<List>();
  if (!list) return scalar_shown(shape, value);
  std::vector<std::string> items;
  for (const Value& item : list->items) items.push_back(scalar_shown(*shape.item->shape, item));
  return fmt::format("[{}]", fmt::join(items, ", ")).substr(0, kLongestShown);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

class Validator {
 public:
  explicit Validator(const Rules& rules) : rules_(rules) {}

  void check(const Member& member, const Value& value) {
    const Shape& shape = *member.shape;
    if (depth_ == kDeepest) return;
    ++depth_;
    if (const auto* structure = value.as<Structure>()) {
      check_structure(shape, *structure);
    } else if (const auto* list = value.as<List>()) {
      check_list(shape, value, *list);
    } else if (const auto* map = value.as<Map>(); map && shape.kind == Kind::map) {
      check_map(shape, value, *map);
    } else if (value.as<Null>()) {
      if (shape.kind != Kind::document) violated("Member must not be null", "null");
    } else {
      check_scalar(shape, value);
    }
    --depth_;
  }

  std::optional<Fault> fault(std::string_view code) const {
    if (!missing_.empty() && missing_.size() == violations_.size() &&
        !rules_.missing_code.empty()) {
      return Fault(std::string(rules_.missing_code),
                   fmt::format("The request must contain the parameter{} {}",
                               missing_.size() == 1 ? "" : "s", fmt::join(missing_, ", ")));
    }
    if (!violations_.empty()) {
      return Fault(std::string(code),
                   fmt::format("{} validation error{} detected: {}", violations_.size(),
                               violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; ")));
    }
    if (refused_.empty()) return std::nullopt;
    return Fault(std::string(code),
                 fmt::format("Parameter{} {} {} accepted by AWS but not supported here",
                             refused_.size() == 1 ? "" : "s", fmt::join(refused_, ", "),
                             refused_.size() == 1 ? "is" : "are"));
  }

 private:
  void violated(std::string_view constraint, std::string_view value) {
    violations_.push_back(fmt::format("Value {} at '{}' failed to satisfy constraint: {}", value,
                                      path_.text(), constraint));
  }
  void violated(std::string_view constraint, const Shape& shape, const Value& value) {
    violated(constraint, fmt::format("'{}'", shown(shape, value)));
  }

  void check_structure(const Shape& shape, const Structure& held) {
    for (std::size_t i = 0; i < shape.members.size() && i < held.members.size(); ++i) {
      const Member& member = shape.members[i];
      const auto step = Path::Step::member(path_, member.name);
      if (!held.members[i].given()) {
        if (!member.required) continue;
        violated("Member must not be null", "null");
        missing_.emplace_back(path_.text());
        continue;
      }
      for (const Refused& one : rules_.refused) {
        if (one.shape == shape.name && one.member == member.name) {
          refused_.emplace_back(path_.text());
        }
      }
      check(member, held.members[i]);
    }
  }

  void check_list(const Shape& shape, const Value& value, const List& list) {
    if (!list.items.empty() || !rules_.empty_list_is_none) {
      check_length(shape, list.items.size(), value);
    }
    std::size_t number = 0;
    for (const Value& item : list.items) {
      const auto step = Path::Step::item(path_, ++number);
      check(*shape.item, item);
    }
  }

  void check_map(const Shape& shape, const Value& value, const Map& map) {
    check_length(shape, map.entries.size(), value);
    for (const Entry& entry : map.entries) {
      const Path::Step step(path_, entry.key);
      check(*shape.key, entry.key);
      check(*shape.item, entry.value);
    }
  }

  // `what` is what the limits are of: length, value.
  void check_limits(const Shape& shape, double number, std::string_view what, const Value& value) {
    if (shape.least && number < *shape.least) {
      violated(fmt::format("Member must have {} greater than or equal to {}", what, *shape.least),
               shape, value);
    }
    if (shape.most && number > *shape.most) {
      violated(fmt::format("Member must have {} less than or equal to {}", what, *shape.most),
               shape, value);
    }
  }

  void check_length(const Shape& shape, std::size_t length, const Value& value) {
    check_limits(shape, static_cast<double>(length), "length", value);
  }

  void check_scalar(const Shape& shape, const Value& value) {
    if (const auto* number = value.as<std::int64_t>()) {
      check_limits(shape, static_cast<double>(*number), "value", value);
    } else if (const auto* real = value.as<double>()) {
      check_limits(shape, *real, "value", value);
    } else if (const auto* text = value.as<std::string>()) {
      check_text(shape, *text, value);
    }
  }

  void check_text(const Shape& shape, const std::string& text, const Value& value) {
    if (!shape.values.empty()) {
      if (std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end()) {
        violated(
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", ")),
            shape, value);
      }
      return;
    }
    check_length(shape, shape.kind == Kind::blob ? text.size() : characters(text), value);
    if (!shape.pattern.empty() && !satisfies(shape.pattern, text)) {
      violated(fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern),
               shape, value);
    }
  }

  const Rules& rules_;
  Path path_;
  int depth_ = 0;
  std::vector<std::string> violations_;
  std::vector<std::string> missing_;
  std::vector<std::string> refused_;
};

}  // namespace

std::optional<Fault> validate(const Member& input, const Value& value, const Rules& rules,
                              std::string_view code) {
  if (!input.shape) return std::nullopt;
  Validator validator(rules);
  validator.check(input, value);
  return validator.fault(code);
}

}  // namespace weir::aws
