// Resolver: names to addresses, without blocking (c-ares over the reactor).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/reactor.h"

namespace weir::net {

struct Resolved {
  std::vector<Address> addresses;  // sorted, each once, without ports
  Duration valid{0};               // the shortest time to live among the answers, at least 1 s
};

// Lives on one reactor.
class Resolver {
 public:
  // Uses the system's configuration: /etc/resolv.conf, /etc/hosts; `servers` ("10.0.0.1:53,...")
  // replaces the name servers of the former. An error when c-ares can't start.
  static Result<std::unique_ptr<Resolver>> make(Reactor& reactor, const std::string& servers = "");
  // Answers what is pending with Code::unavailable. Not from within a `done`.
  virtual ~Resolver() = default;
  // `done` is called once: from the loop, never inside this call, or by the destructor.
  virtual void resolve(const std::string& name, std::function<void(Result<Resolved>)> done) = 0;
};

}  // namespace weir::net
