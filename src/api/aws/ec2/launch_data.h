// What a launch template says, taken over from a call. Pure; any thread.
#pragma once

#include "aws/models/ec2.h"

namespace weir::amazon::ec2 {

// What `in` has takes the place of what `out` has. Image, type, user data, profile, market and tags
// have effect; keys, disks, cards, monitoring and metadata options are kept and described alone.
void overlay(const aws::ec2::RequestLaunchTemplateData& in,
             aws::ec2::ResponseLaunchTemplateData& out);

}  // namespace weir::amazon::ec2
