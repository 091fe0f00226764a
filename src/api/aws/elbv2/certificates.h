// Certificates of listeners: whether there is one with an ARN, and who uses it. Pure.
#pragma once

#include <set>
#include <string>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

// An ARN of iam's or acm's.
bool certificate_exists(const Books& books, const std::string& arn);
// The load balancers with listeners that show it.
std::set<std::string> users_of_certificate(const Books& books, const std::string& arn);

}  // namespace weir::amazon::elbv2
