// Health of targets in AWS's words: states, reason codes, descriptions. Pure.
#pragma once

#include "api/aws/elbv2/book.h"
#include "control/status.h"

namespace weir::amazon::elbv2 {

TargetHealth health_of(const control::EndpointStatus& endpoint);
TargetHealth draining_health();
TargetHealth unused_health(bool registered);

}  // namespace weir::amazon::elbv2
