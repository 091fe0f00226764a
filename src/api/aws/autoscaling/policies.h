// What policies and scheduled actions of Auto Scaling are within weir. Pure; any thread.
#pragma once

#include "aws/fault.h"
#include "aws/models/autoscaling.h"
#include "model/desired_scaling.h"

namespace weir::amazon::autoscaling {

// ValidationError: it tracks what weir does not measure, or its options contradict each other.
// `metrics_of`: World::metrics_of the tenant.
aws::Reply<Policy> policy_of(const aws::autoscaling::ScalingPolicy& from,
                             const std::string& metrics_of);
Policy policy_of(const aws::autoscaling::ScheduledUpdateGroupAction& from);

}  // namespace weir::amazon::autoscaling
