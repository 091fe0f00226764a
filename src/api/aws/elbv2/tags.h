// Tags of load balancers, target groups, listeners and rules by ARN. Pure.
#pragma once

#include <map>
#include <string>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

using Tags = std::map<std::string, std::string>;

Reply<const Tags*> tags_of(const ElbBook& book, const std::string& arn);
// Good until the book is edited again.
Reply<Tags*> tags_to_edit(ElbBook& book, const std::string& arn);

}  // namespace weir::amazon::elbv2
