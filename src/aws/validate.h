// The constraints of a model, checked over a decoded input. Any thread; pure.
//
// All violations are found at once and said in AWS's own grammar:
//   2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must
//   not be null; Value 'x' at 'scheme' failed to satisfy constraint: Member must satisfy enum value
//   set: [internet-facing, internal]
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/shape.h"
#include "aws/value.h"

namespace weir::aws {

// Members that AWS honours and we do not: a given one is a fault that names it.
struct Refused {
  std::string_view shape, member;
};

struct Rules {
  std::span<const Refused> refused{};
  // The code where nothing but required members is wrong, in EC2's words; empty: as all others.
  std::string_view missing_code{};
  // The query protocols write an empty list as Names=, and mean none by it.
  bool empty_list_is_none = false;
};

// Required members, enums, lengths, ranges, patterns, of the body and of everything in it. `code`
// is that of the fault.
std::optional<Fault> validate(const Member& input, const Value& value, const Rules& rules,
                              std::string_view code);

}  // namespace weir::aws
