// AccessKeys: who may call the AWS API: keys as AWS has them, with the rights of each.
//
// Kept in the store, secrets sealed (sealer.h) with the key of the file beside it: STATE.key. That
// file is made for the first access key. Where it is missing or another's, the access keys are
// there and may be deleted, but nobody can sign with them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "control/records.h"
#include "control/sealer.h"
#include "control/turns.h"
#include "net/background.h"
#include "net/reactor.h"

namespace weir::control {

struct AccessKey {
  std::string id;    // AKIA..., or ASIA... with a session token
  std::string name;  // of whom it is for: the user in ARNs; several keys may have the same
  std::string account;
  bool read_only = false;
  std::vector<std::string> services;  // as in IAM actions (elasticloadbalancing); empty: all
  WallTime created{};
  std::optional<WallTime> expires{};
  std::string secret;
  std::string session_token;  // empty: none
  std::string trouble;        // why nobody can sign with it; empty: somebody can
};

struct NewAccessKey {
  std::string name;     // letters, digits and +=,.@_-; at most 64
  std::string account;  // 12 digits
  bool read_only = false;
  std::vector<std::string> services{};
  std::optional<Duration> lifetime{};
  bool session = false;  // temporary credentials; needs a lifetime
};

// Code::invalid: what is wrong with it.
Result<> check(const NewAccessKey& wanted);
AccessKey draw_access_key(const NewAccessKey& wanted, WallTime now, const Entropy& entropy);

// Lives on the control thread.
class AccessKeys {
 public:
  // `files`: for what blocks.
  AccessKeys(net::Reactor& reactor, Records& records, net::Background& files,
             Entropy entropy = &system_entropy);

  // At the start: blocks for reads. `state`: path of the state file.
  Result<> load(const std::string& state);
  // Somebody may have mended what load() found wrong with the key file. Blocks.
  void retry();

  const AccessKey* find(std::string_view id) const;
  const std::map<std::string, AccessKey, std::less<>>& all() const { return keys_; }

  // With its secret, which is shown once. Recorded when it returns, and takes effect then.
  Task<Result<AccessKey>> create(NewAccessKey wanted);
  Task<Result<>> remove(std::string id);

 private:
  Result<> read_all();
  Result<Sealer> sealer_for_new() const;
  AccessKey read(const state::Resource& row) const;

  net::Reactor& reactor_;
  Records& records_;
  net::Background& files_;
  Entropy entropy_;
  Turns turns_;
  std::string path_;  // of the key file; empty: the store keeps nothing, and neither do we
  std::optional<Sealer> sealer_;
  std::string no_sealer_;  // why there is none
  std::map<std::string, AccessKey, std::less<>> keys_;
};

}  // namespace weir::control
