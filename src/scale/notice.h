// Notice: what a metadata service answers when it is asked whether an instance will end. Pure.
//
// Source: EC2 user guide, "Spot Instance interruptions", instance-action: the path answers 404
// while there is none, else {"action": "terminate", "time": "2017-09-18T08:22:00Z"}.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir::scale {

// The moment of the end, of an answer of status 200: any action (terminate, stop, hibernate) takes
// the instance away. Code::invalid where it is not of that form.
Result<WallTime> parse_notice(std::string_view body);

}  // namespace weir::scale
