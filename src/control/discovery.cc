#include "control/discovery.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace weir::control {
namespace {

constexpr Duration kSoonest = 5s;  // between two questions for one name
constexpr Duration kLatest = 60s;

bool is_name(const std::string& address) { return !net::parse_address(address).has_value(); }

}  // namespace

struct Discovery::Name {
  Name(Discovery& d, std::string h) : discovery(d), host(std::move(h)), again(*this) {}
  struct Again : net::Timer {
    explicit Again(Name& n)
        : Timer([](net::Timer& timer) {
            Name& self = static_cast<Again&>(timer).name;
            self.discovery.ask(self.discovery.names_.at(self.host));
          }),
          name(n) {}
    Name& name;
  };
  Discovery& discovery;
  std::string host;
  std::vector<net::Address> addresses;
  std::string trouble;  // logged once
  Again again;
};

Discovery::Discovery(net::Reactor& reactor, net::Resolver& resolver, std::function<void()> changed)
    : reactor_(reactor), resolver_(resolver), changed_(std::move(changed)) {}

Discovery::~Discovery() = default;

void Discovery::update(const Named<TargetGroup>& groups) {
  std::map<std::string, std::shared_ptr<Name>> names;
  std::vector<std::shared_ptr<Name>> fresh;
  for (const auto& [group, options] : groups) {
    for (const StaticEndpoint& endpoint : options.endpoints) {
      if (!is_name(endpoint.address)) continue;
      const auto parts = net::split_host_port(endpoint.address);
      if (!parts || names.contains(parts->host)) continue;
      const auto known = names_.find(parts->host);
      if (known != names_.end()) {
        names.emplace(parts->host, known->second);
      } else {
        fresh.push_back(std::make_shared<Name>(*this, parts->host));
        names.emplace(parts->host, fresh.back());
      }
    }
  }
  names_ = std::move(names);
  for (const auto& name : fresh) ask(name);
}

void Discovery::ask(const std::shared_ptr<Name>& name) {
  const std::weak_ptr<Name> weak = name;
  resolver_.resolve(name->host, [weak](Result<net::Resolved> answer) {
    const auto self = weak.lock();
    if (!self) return;  // no longer in use
    Discovery& discovery = self->discovery;
    Duration next = kSoonest;
    if (!answer) {
      if (self->trouble != answer.error().message) {
        LOG(warn, "name not resolved", {"name", self->host}, {"error", answer.error().message},
            {"kept", self->addresses.size()});
      }
      self->trouble = answer.error().message;
    } else {
      self->trouble.clear();
      next = std::clamp(answer->valid, kSoonest, kLatest);
      const auto text = [](const auto& all) {
        std::string out;
        for (const net::Address& one : all) out += one.host() + " ";
        return out;
      };
      if (text(answer->addresses) != text(self->addresses)) {
        self->addresses = std::move(answer->addresses);
        LOG(info, "name resolved", {"name", self->host}, {"addresses", text(self->addresses)});
        discovery.changed_();
      }
    }
    discovery.reactor_.timers().arm(self->again, discovery.reactor_.now() + next);
  });
}

std::vector<Backend> Discovery::backends(const TargetGroup& group) const {
  std::vector<Backend> result;
  for (const StaticEndpoint& endpoint : group.endpoints) {
    if (const auto address = net::parse_address(endpoint.address)) {
      result.push_back(
          Backend{address->to_string(), endpoint.weight, endpoint.zone, "", false, ""});
      continue;
    }
    const auto parts = net::split_host_port(endpoint.address);
    const auto known = parts ? names_.find(parts->host) : names_.end();
    if (known == names_.end()) continue;
    for (net::Address address : known->second->addresses) {
      address.set_port(parts->port);
      result.push_back(
          Backend{address.to_string(), endpoint.weight, endpoint.zone, "", false, parts->host});
    }
  }
  return result;
}

}  // namespace weir::control
