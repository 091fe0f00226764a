#include "proxy/time_limit.h"

#include "proxy/worker.h"

namespace weir::proxy {

TimeLimit::TimeLimit(Hop& hop)
    : hop_(hop),
      request_(*this, [](net::Timer& t) { static_cast<Alarm&>(t).limit.request_over(); }),
      lifetime_(*this, [](net::Timer& t) { static_cast<Alarm&>(t).limit.lifetime_over(); }) {
  net::TimerWheel& timers = hop.worker.reactor().timers();
  const Duration request = hop.timeouts().request();
  const Duration lifetime = hop.timeouts().lifetime();
  if (request > Duration(0)) timers.arm(request_, hop.began + request);
  if (lifetime > Duration(0)) timers.arm(lifetime_, hop.began + lifetime);
}

void TimeLimit::request_over() {
  if (hop_.exchange.status() != 0) return;  // its first byte has come
  end("the request took longer than allowed", hop_.group->cells->overload.timeout_request);
}

void TimeLimit::lifetime_over() {
  end("the response took longer than allowed", hop_.group->cells->overload.timeout_lifetime);
}

void TimeLimit::end(const char* reason, observe::Counter& cell) {
  if (hop_.refusal.status != 0 || hop_.exchange.gone().raised()) return;
  cell.add();
  hop_.refusal = Trouble{504, reason, false};
  if (hop_.tunnel) hop_.tunnel->raise();
  hop_.exchange.gone().raise();
}

}  // namespace weir::proxy
