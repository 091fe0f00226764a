// What an action says, worked out for one request.
#pragma once

#include <string>

#include "base/random.h"
#include "model/desired.h"
#include "model/request_view.h"

namespace weir::route {

// The Location of a redirect. What the action leaves out is the request's own; but a change of
// protocol without a port means the new protocol's default port. In host, path and query,
// #{protocol}, #{host}, #{port}, #{path} (without its first /) and #{query} stand for the
// request's own, as in AWS.
std::string redirect_location(const Redirect& redirect, const RequestView& request);

// The share that this request goes to, drawn by weight; null when all weights are 0.
const Forward::Share* choose_share(const Forward& forward, Random& random);

}  // namespace weir::route
