// The entry of the engine: a call of AWS's that was let in becomes its answer.
//
//   Target target = find_target(request, scope.service);   operation and protocol, body inflated
//   ... signature, rights, throttling: refuse(target, Fault("AccessDenied", ...), request_id)
//   WireResponse answer = co_await serve(context, std::move(request), std::move(target));
//
// Whatever is wrong with the call is an answer in the caller's protocol; nothing here is a 5xx but
// a fault that an operation gives on purpose. The request id is a header of every answer.
#pragma once

#include <string>
#include <string_view>

#include "api/aws/context.h"
#include "aws/dispatch.h"
#include "aws/fault.h"
#include "aws/wire.h"
#include "base/task.h"

namespace weir::amazon {

// Among the services that we know (services.def).
aws::Target find_target(const aws::WireRequest& request, std::string_view service_hint = {});

// Decodes, validates, runs the operation, encodes. The context lives until the answer.
Task<aws::WireResponse> serve(Context& context, aws::WireRequest request, aws::Target target);

// The answer to a call that the door refuses.
aws::WireResponse refuse(const aws::Target& target, const aws::Fault& fault,
                         std::string_view request_id);

// Does the operation change nothing? Describe*, List*, Get* and the like.
bool only_reads(const aws::Target& target);

}  // namespace weir::amazon
