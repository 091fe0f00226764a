// What the file of an operation sees, by way of the generated api/aws/<service>/service.h, which
// adds the typed structs of the service: it includes that one header.
//
// An operation is a function in namespace weir::amazon::<service>, declared by its line in the
// service's operations.def:
//
//   Task<Reply<CreateRuleOutput>> create_rule(Context& context, const CreateRuleInput& in) {
//     TRY(Listener* listener, find_listener(context, *in.ListenerArn));
//     if (taken(*listener, *in.Priority)) return refuse("PriorityInUse", "...");
//     CreateRuleOutput out;
//     ...
//     return out;
//   }
//
// A function that awaits nothing returns its Reply, which is a Task that is done; one that awaits
// is a coroutine: CO_TRY and co_return. The input is valid as the model says (required members are
// given) and lives until the answer. Inputs' and outputs' parts: aws/typed.h.
#pragma once

#include "api/aws/context.h"
#include "aws/fault.h"
#include "aws/typed.h"
#include "base/task.h"

namespace weir::amazon {

using aws::Fault;
using aws::refuse;
using aws::Reply;

}  // namespace weir::amazon
