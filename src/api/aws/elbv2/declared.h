// What files declare, as AWS would have it: each listener is a load balancer of its own. Seen in
// the home tenant, not changed from there. Pure.
#pragma once

#include "api/aws/elbv2/book.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

// The tenant's book, and what is declared where the tenant is the home one. Ids and ARNs derive
// from names.
ElbBook visible(const Context& context);

}  // namespace weir::amazon::elbv2
