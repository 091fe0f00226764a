// Discovery: static endpoints given by name, resolved and re-resolved. Each address of a name is an
// endpoint; while a name can't be resolved its last answer stands.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/builder.h"
#include "model/desired.h"
#include "net/reactor.h"
#include "net/resolver.h"

namespace weir::control {

// Lives on the control thread.
class Discovery {
 public:
  // `changed` is called when a name's answer differs from the one before.
  Discovery(net::Reactor& reactor, net::Resolver& resolver, std::function<void()> changed);
  ~Discovery();

  // The names in use; asks for new ones at once.
  void update(const Named<TargetGroup>& groups);
  // The static endpoints of a group as far as their addresses are known.
  std::vector<Backend> backends(const TargetGroup& group) const;

 private:
  struct Name;
  void ask(const std::shared_ptr<Name>& name);

  net::Reactor& reactor_;
  net::Resolver& resolver_;
  std::function<void()> changed_;
  std::map<std::string, std::shared_ptr<Name>> names_;
};

}  // namespace weir::control
