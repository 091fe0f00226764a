// Hedged: one try of a request that may become two: when no first byte has come for longer than it
// mostly takes, a second attempt goes to another endpoint, and the slower of them is cancelled.
#pragma once

#include "base/task.h"
#include "judge/hedge.h"
#include "net/wait.h"
#include "proxy/admission.h"
#include "proxy/hop.h"
#include "proxy/retry_share.h"

namespace weir::proxy {

// Which of two attempts may answer. Lives in the coroutine that runs both.
class Race {
 public:
  Race(judge::Hedging& hedging, Time began) : hedging_(hedging), began_{began, began} {}

  // Lane 0 is the first attempt, 1 the second.
  net::Interrupt& stop(int lane) { return stop_[lane]; }
  void begin(int lane, Time now) { began_[lane] = now; }
  // The first byte of a final answer has come: true for the winner, and the other is cancelled.
  bool claim(int lane, Time now);
  bool decided() const { return winner_ >= 0; }
  bool won(int lane) const { return winner_ == lane; }
  // Nobody needs either.
  void cancel();

 private:
  judge::Hedging& hedging_;
  Time began_[2];
  net::Interrupt stop_[2];
  int winner_ = -1;
};

// Runs the attempt at `slot` to its end, and perhaps a second one. `attempts` counts both.
struct Tried {
  Verdict verdict = Verdict::failed;
  bool connected = false;
  bool reserved = false;  // the next try's share of the retry budget is taken
};
Task<Tried> hedged(Hop& hop, Admission& admission, Slot& slot, RetryShare& share,
                   judge::Hedging& hedging, std::uint32_t& attempts);

// The group's hedging, where this request may be hedged: it is on, the body will be held, nothing
// says that the request must not be sent twice. Null otherwise.
judge::Hedging* may_hedge(Hop& hop);

}  // namespace weir::proxy
