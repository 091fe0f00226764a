// TimeLimit: ends a request that takes longer than its route allows: timeouts.request, to the first
// byte of the response, and timeouts.lifetime, to the end of it all.
#pragma once

#include "net/timer.h"
#include "proxy/hop.h"

namespace weir::proxy {

// Lives in its request's coroutine, not longer than the hop. Made only where there is a limit.
class TimeLimit {
 public:
  static bool wanted(const Hop& hop) {
    return hop.timeouts().request() > Duration(0) || hop.timeouts().lifetime() > Duration(0);
  }
  explicit TimeLimit(Hop& hop);

 private:
  struct Alarm : net::Timer {
    Alarm(TimeLimit& l, Fire fire) : Timer(fire), limit(l) {}
    TimeLimit& limit;
  };
  void request_over();
  void lifetime_over();
  void end(const char* reason, observe::Counter& cell);

  Hop& hop_;
  Alarm request_;
  Alarm lifetime_;
};

}  // namespace weir::proxy
