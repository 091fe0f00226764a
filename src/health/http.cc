// The http check: GET, and the status code decides. The body is read for a moment and dropped, so
// that the server can end its answer in peace; what it says does not matter.
#include <fmt/format.h>

#include <algorithm>

#include "health/codes.h"
#include "health/dial.h"
#include "http/exchange.h"
#include "http/h1_call.h"

namespace weir::health {
namespace {

using enum Answer::Result;

constexpr Duration kBodyTime = 100ms;

std::string status_text(std::uint16_t status) {
  const std::string_view phrase = http::reason_phrase(status);
  if (phrase == http::reason_phrase(0)) return fmt::format("{}", status);
  return fmt::format("{} {}", status, phrase);
}

class Http final : public Checker {
 public:
  explicit Http(net::Reactor& reactor) : reactor_(reactor) {}

  Task<Answer> check(const Endpoint& endpoint, const HealthCheck& options,
                     net::Deadline deadline) override {
    Dialled dialled = co_await dial(reactor_, endpoint, options, deadline);
    dialled = co_await secure(std::move(dialled), endpoint, deadline);
    if (!dialled.stream) co_return std::move(dialled.answer);
    http::H1Call call(std::move(dialled.stream), kHeadLimits);
    // Written here and not by H1Call: this is not a forwarded request.
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: weir-health\r\nAccept: */*\r\n"
        "Connection: close\r\n\r\n",
        options.path, checked_host(endpoint, options));
    const net::Io sent = co_await call.stream().write(request, deadline);
    if (sent != net::Io::ok) co_return Answer(failed, std::string(net::to_string(sent)));
    http::Answer head = co_await call.read_head(deadline);
    while (head.status == net::Io::ok && head.head->status < 200 && head.head->status != 101) {
      head = co_await call.read_head(deadline);
    }
    if (head.wrong) co_return Answer(failed, fmt::format("not HTTP: {}", head.wrong));
    if (head.status != net::Io::ok) {
      co_return Answer(failed, std::string(net::to_string(head.status)));
    }
    const std::uint16_t status = head.head->status;
    if (!head.last && status != 101) co_await drop_body(call, head.piece.size(), deadline);
    co_return Answer(accepts(options.codes, status) ? passed : failed, status_text(status));
  }

 private:
  Task<> drop_body(http::H1Call& call, std::size_t taken, net::Deadline deadline) {
    const Time until = std::min(deadline.at, reactor_.clock().now() + kBodyTime);
    const net::Deadline soon(until, deadline.interrupt);
    while (taken < kMostBody) {
      const http::Piece piece = co_await call.read_body(soon);
      if (piece.status != net::Io::ok || piece.last) break;
      taken += piece.bytes.size();
    }
  }

  net::Reactor& reactor_;
};

}  // namespace

std::unique_ptr<Checker> http(net::Reactor& reactor) { return std::make_unique<Http>(reactor); }
// The builder gives the endpoints of a group that is checked by https what TLS needs.
std::unique_ptr<Checker> https(net::Reactor& reactor) { return std::make_unique<Http>(reactor); }

}  // namespace weir::health
