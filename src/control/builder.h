// Builder: desired state and what lives -> the next snapshot. What did not change is shared with
// the last one: endpoints keep their identity and Load, groups and listeners their compiled tables.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "model/desired.h"
#include "model/snapshot.h"

namespace weir::control {

// An endpoint that should exist: a static one, resolved, or an instance's.
struct Backend {
  std::string address;  // numeric, or unix:/path
  std::uint32_t weight = 1;
  std::string zone;
  std::string instance;
  bool draining = false;
};

// Lives on the control thread.
class Builder {
 public:
  // `desired` is valid. `backends` by target group; `scalable` names the groups that a scaling
  // group can give endpoints. An error names the group whose algorithm could not be planned.
  Result<std::shared_ptr<const Snapshot>> build(
      const Desired& desired, const std::map<std::string, std::vector<Backend>>& backends,
      const std::vector<std::string>& scalable);

  // Called for each endpoint that was not there before; may fill its Load.
  std::function<void(const std::string& group, const Endpoint&)> on_new;

  // Endpoints as last built.
  std::shared_ptr<const Endpoint> find(const std::string& group, const std::string& address) const;

 private:
  struct KnownGroup {
    std::shared_ptr<const Group> group;
  };
  std::vector<std::shared_ptr<const Endpoint>> endpoints_of(const std::string& group,
                                                            const TargetGroup& options,
                                                            const std::vector<Backend>& backends);
  std::uint32_t take_slot(std::vector<bool>& slots);

  std::uint64_t version_ = 0;
  std::uint64_t next_id_ = 1;
  std::vector<bool> endpoint_slots_;
  std::vector<bool> group_slots_;
  std::map<std::string, std::shared_ptr<const Group>> groups_;
  std::map<std::string, std::shared_ptr<const BoundListener>> listeners_;
};

}  // namespace weir::control
