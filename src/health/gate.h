// Gate: so many checks may begin at once; the others stand in line, first come first served.
#pragma once

#include <coroutine>
#include <cstddef>

#include "net/reactor.h"

namespace weir::health {

// Lives on one reactor; outlives its passes.
//
// What it bounds is the burst, not the number of open checks: whoever is inside for longer than
// `slow` waits for its endpoint only, and lets the next one in. So endpoints that hang can't keep
// the others from being checked, however many they are.
class Gate {
 public:
  Gate(net::Reactor& reactor, std::size_t width, Duration slow)
      : reactor_(reactor), free_(width), slow_(slow) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  class Enter;

  // One check's place: in line, inside, or neither.
  class Pass : private net::Timer {
   public:
    explicit Pass(Gate& gate) : Timer(&Pass::slow), gate_(gate) {}
    ~Pass() { leave(); }
    // Io::ok: inside.
    Enter enter(net::Deadline deadline);
    void leave();

   private:
    friend class Enter;
    static void slow(Timer& timer) { static_cast<Pass&>(timer).leave(); }
    void entered();

    Gate& gate_;
    bool inside_ = false;
  };

  class Enter {
   public:
    Enter(Pass& pass, net::Deadline deadline)
        : pass_(pass), waiter_(pass.gate_.reactor_), deadline_(deadline) {}
    bool await_ready();
    bool await_suspend(std::coroutine_handle<> handle);
    net::Io await_resume();

   private:
    friend class Gate;
    Pass& pass_;
    net::Waiter waiter_;
    net::Deadline deadline_;
    Enter* next_ = nullptr;
    Enter* previous_ = nullptr;
    bool granted_ = false;
    bool waited_ = false;
  };

 private:
  void append(Enter& enter);
  void unlink(Enter& enter);
  void give_back();

  net::Reactor& reactor_;
  std::size_t free_;  // above 0 only while nobody stands in line
  Duration slow_;
  Enter* first_ = nullptr;
  Enter* last_ = nullptr;
};

}  // namespace weir::health
