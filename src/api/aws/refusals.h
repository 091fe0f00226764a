// refusals: why the door does not let a call in, in the codes that AWS has for it in each protocol
// (research of clients: query 403, ec2 401, JSON 400). Pure; any thread.
#pragma once

#include <string>

#include "aws/fault.h"
#include "aws/shape.h"
#include "aws/sigv4.h"

namespace weir::amazon {

aws::Fault refusal(const aws::SignatureFault& why, aws::Protocol protocol);
aws::Fault denied(std::string message, aws::Protocol protocol);
aws::Fault throttled(aws::Protocol protocol);
// A body above the limit.
aws::Fault too_large(aws::Protocol protocol);
// Weir is starting, or on its way out: clients come again.
aws::Fault unavailable(aws::Protocol protocol);

}  // namespace weir::amazon
