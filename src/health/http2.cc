// The http2 check: as http, over HTTP/2: what a group of protocol_version HTTP2 is asked by. Over
// TLS where the group is.
#include <fmt/format.h>

#include "health/codes.h"
#include "health/h2_probe.h"

namespace weir::health {
namespace {

using enum Answer::Result;

class Http2 final : public Checker {
 public:
  explicit Http2(net::Reactor& reactor) : reactor_(reactor) {}

  Task<Answer> check(const Endpoint& endpoint, const HealthCheck& options,
                     net::Deadline deadline) override {
    H2Request request;
    request.path = options.path;
    H2Found found = co_await h2_probe(reactor_, endpoint, options, std::move(request), deadline);
    if (!found.answer.passed()) co_return std::move(found.answer);
    const bool good = accepts(options.codes, found.status);
    co_return Answer(good ? passed : failed, fmt::format("{}", found.status));
  }

 private:
  net::Reactor& reactor_;
};

}  // namespace

std::unique_ptr<Checker> http2(net::Reactor& reactor) { return std::make_unique<Http2>(reactor); }

}  // namespace weir::health
