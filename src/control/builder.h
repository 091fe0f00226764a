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
#include "base/siphash.h"
#include "control/access_files.h"
#include "model/desired.h"
#include "model/snapshot.h"
#include "tls/keeper.h"

namespace weir::control {

// An endpoint that should exist: a static one, resolved, or an instance's.
struct Backend {
  std::string address;  // numeric, or unix:/path
  std::uint32_t weight = 1;
  std::string zone;
  std::string instance;
  bool draining = false;
  std::string host{};  // the name it was resolved from
};

// Lives on the control thread.
class Builder {
 public:
  // `desired` is valid. `backends` by target group; `scalable` names the groups that a scaling
  // group can give endpoints, `shifted` the zones that take nothing. An error names the group whose
  // algorithm could not be planned.
  Result<std::shared_ptr<const Snapshot>> build(
      const Desired& desired, const std::map<std::string, std::vector<Backend>>& backends,
      const std::vector<std::string>& scalable, const std::vector<std::string>& shifted = {});

  // Signs the cookies of sticky sessions, from the next build on.
  void cookie_key(const SipKey& key) { cookie_key_ = key; }
  // Makes what TLS needs of the next version, before anything is changed: what is wrong with it,
  // and where. Blocks where files are to be read.
  struct Problem {
    std::string where;
    std::string what;
  };
  std::vector<Problem> prepare_tls(const Desired& desired);
  // Certificate files are looked at now.
  void look_at_files() { keeper_.look(); }
  tls::TicketKeys& tickets() { return keeper_.tickets(); }

  // Called for each endpoint that was not there before; may fill its Load.
  std::function<void(const std::string& group, const Endpoint&)> on_new;

  // Endpoints as last built.
  std::shared_ptr<const Endpoint> find(const std::string& group, const std::string& address) const;

 private:
  struct KnownGroup {
    std::shared_ptr<const Group> group;
  };
  std::vector<std::shared_ptr<const Endpoint>> endpoints_of(
      const std::string& group, const TargetGroup& options, const std::vector<Backend>& backends,
      const std::shared_ptr<const TlsBase>& tls);
  std::uint32_t take_slot(std::vector<bool>& slots);
  std::uint8_t zone_index(const std::string& zone);
  ZoneRules zone_rules(const Desired& desired, const TargetGroup& options,
                       const std::vector<std::shared_ptr<const Endpoint>>& endpoints,
                       const std::vector<std::string>& shifted);

  SipKey cookie_key_{};
  AccessFiles access_files_;
  tls::Keeper keeper_;
  std::uint64_t version_ = 0;
  std::uint64_t next_id_ = 1;
  std::vector<bool> endpoint_slots_;
  std::vector<bool> group_slots_;
  std::map<std::string, std::uint8_t> zones_;
  std::map<std::string, std::shared_ptr<const Group>> groups_;
  std::map<std::string, std::shared_ptr<const BoundListener>> listeners_;
};

}  // namespace weir::control
