// What the AWS API of the admin listener is told. Plain values; part of desired.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/rate.h"
#include "base/units.h"
#include "model/launch.h"
#include "model/names.h"

namespace weir {

// What an EC2 instance type is on this machine.
struct InstanceSize {
  double cpus = 0;         // 0 is unlimited
  Bytes memory{0};         // likewise
  std::uint32_t gpus = 0;  // devices
  bool operator==(const InstanceSize&) const = default;
};

struct Aws {
  std::string account = "000000000000";  // of access keys that do not say, and of anonymous callers
  std::string region = "us-east-1";      // in which what files declare is seen
  Rate rate{200};                        // calls that an access key regains for each service
  std::uint32_t burst = 1000;            // calls that it may make at once
  Named<Launch> images;                  // AMI ids or names: what an instance of it runs
  Named<InstanceSize> instance_types;    // beside those that are built in
  // An unknown subnet is a zone drawn from its id, an unknown image the one named `default`.
  bool adopt_unknown = false;
  Names addresses = {"127.64.0.0/16"};  // of load balancers: CIDR blocks, drawn in order
  bool operator==(const Aws&) const = default;
};

}  // namespace weir
