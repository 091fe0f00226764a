// The tcp check: whoever accepts the connection is well.
#include "health/dial.h"

namespace weir::health {
namespace {

class Tcp final : public Checker {
 public:
  explicit Tcp(net::Reactor& reactor) : reactor_(reactor) {}

  Task<Answer> check(const Endpoint& endpoint, const HealthCheck& options,
                     net::Deadline deadline) override {
    Dialled dialled = co_await dial(reactor_, endpoint, options, deadline);
    co_return std::move(dialled.answer);
  }

 private:
  net::Reactor& reactor_;
};

}  // namespace

std::unique_ptr<Checker> tcp(net::Reactor& reactor) { return std::make_unique<Tcp>(reactor); }

}  // namespace weir::health
