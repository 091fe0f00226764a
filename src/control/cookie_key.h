// The key that signs the cookies of sticky sessions: drawn once, kept in the store.
#pragma once

#include "base/result.h"
#include "base/siphash.h"
#include "base/task.h"
#include "control/records.h"

namespace weir::control {

// `records` outlives the task.
Task<Result<SipKey>> load_cookie_key(Records& records);

}  // namespace weir::control
