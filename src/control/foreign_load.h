// ForeignLoad: requests that another process still has on our endpoints, as part of their Load.
//
// While an earlier weir drains, it says what it has in flight; that counts here for choosing,
// limits, scaling and drains as if it were our own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/snapshot.h"

namespace weir::control {

struct ForeignCount {
  std::string group;
  std::string address;
  std::uint32_t in_flight = 0;
};

// Lives on the control thread.
class ForeignLoad {
 public:
  // All that there is now, by what we have ourselves; what is not listed has ended. The groups in
  // which something has.
  std::set<std::string> set(const Snapshot& snapshot, const std::vector<ForeignCount>& counts);
  std::uint32_t total() const;

 private:
  struct Held {
    std::shared_ptr<Load> load;
    std::shared_ptr<GroupLoad> group;
    std::uint32_t count = 0;
  };
  static void change(Held& held, std::uint32_t to);

  std::map<std::pair<std::string, std::string>, Held> held_;
};

}  // namespace weir::control
