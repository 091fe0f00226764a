// What the AWS API of the admin listener is told. Plain values; part of desired.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/rate.h"
#include "model/names.h"

namespace weir {

struct Aws {
  std::string account = "000000000000";  // of access keys that do not say, and of anonymous callers
  std::string region = "us-east-1";      // in which what files declare is seen
  Rate rate{200};                        // calls that an access key regains for each service
  std::uint32_t burst = 1000;            // calls that it may make at once
  bool adopt_unknown = false;            // ids that nobody created mean something all the same
  Names addresses = {"127.64.0.0/16"};   // of load balancers: CIDR blocks, drawn in order
  bool operator==(const Aws&) const = default;
};

}  // namespace weir
