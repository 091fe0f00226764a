// Form: key=value&... as a tree of its dotted keys, the body of the query protocols. Any thread.
//
//   Actions.member.1.Type=forward   ->  Actions > member > 1 > Type: "forward"
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/reading.h"
#include "aws/value.h"
#include "base/result.h"

namespace weir::aws {

struct Form {
  static constexpr std::size_t kMostPairs = 50'000;

  bool given = false;  // has a value of its own, maybe an empty one
  std::string value;
  std::map<std::string, Form, std::less<>> children;

  const Form* child(std::string_view name) const;
  // The children that are numbers, in their order: of 1, 2, 10.
  std::vector<const Form*> numbered() const;
};

// The error says what there is too much of.
Result<Form> read_form(std::string_view text);

// Names and lists as the query protocol writes them (.member.1), or as ec2's does (.1).
Value read_form_value(const Member& input, const Form& form, bool ec2, Reading& reading);

}  // namespace weir::aws
