// InterruptionWatch: asks metadata services whether spot instances will end, one for each group or
// template that names a url.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "base/result.h"
#include "base/scope.h"
#include "base/task.h"
#include "model/desired.h"
#include "net/reactor.h"
#include "net/wait.h"

namespace weir::control {

// Lives on the control thread.
class InterruptionWatch {
 public:
  // `told`: the spot instances of that template ("" where the group has no mix) end in that long.
  // Once for each moment that a service names.
  using Told = std::function<void(const std::string& group, const std::string& launch_template,
                                  Duration in)>;
  InterruptionWatch(net::Reactor& reactor, Told told);
  ~InterruptionWatch();

  // Those who are asked from now on; who stays is not asked anew.
  void update(const Named<ScalingGroup>& groups);
  Task<> stop();

 private:
  using Key = std::tuple<std::string, std::string, std::string, Duration>;  // and url, every
  struct Asked;
  void want(const std::string& group, const std::string& launch_template, const Interruption& how,
            std::map<Key, std::shared_ptr<Asked>>& next);
  Task<> ask_again(std::shared_ptr<Asked> asked);
  Task<Result<std::optional<WallTime>>> ask(std::shared_ptr<Asked> asked);
  Task<Result<std::string>> get(std::shared_ptr<Asked> asked, net::Deadline deadline);

  net::Reactor& reactor_;
  Told told_;
  std::map<Key, std::shared_ptr<Asked>> asked_;
  Scope background_;
};

}  // namespace weir::control
