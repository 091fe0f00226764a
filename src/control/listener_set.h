// ListenerSet: the listening descriptors of the process. Opened once; a listener that goes on keeps
// its descriptors whatever else changes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/handover.h"
#include "model/desired.h"
#include "net/listen.h"

namespace weir::control {

struct OpenListener {
  std::string name;
  std::vector<std::string> bound;  // as bound: port 0 resolved
  std::vector<int> fds;
  std::uint16_t port = 0;  // of the first; 0: a Unix socket
};

// Lives on the control thread.
class ListenerSet {
 public:
  // `inherited`: descriptors passed by systemd or a parent, taken by listener name or address.
  ListenerSet(std::vector<net::Inherited> inherited, std::size_t workers);

  // Opens what is new; on an error nothing has changed. What is gone stays open until
  // close_stale(): the workers may still accept from it.
  struct Problem {
    std::string listener;
    Error error;
  };
  std::vector<Problem> update(const Named<Listener>& listeners);
  void close_stale() { stale_.clear(); }
  void close_all() {
    stale_.clear();
    open_.clear();
  }
  std::vector<OpenListener> open() const;
  // For a successor: what listens, and its descriptors in the same order, appended.
  std::vector<HandedListener> handed(std::vector<int>& fds) const;
  // Closes what was inherited and is not used.
  void drop_inherited() { inherited_.clear(); }

 private:
  struct Bound {
    std::string bind;
    bool datagrams = false;
    std::vector<net::Fd> fds;
    net::Address address;
  };
  Result<Bound> bind(const std::string& name, const std::string& text, bool datagrams);

  std::vector<net::Inherited> inherited_;
  std::size_t workers_;
  std::map<std::string, std::vector<Bound>> open_;
  std::vector<Bound> stale_;
};

}  // namespace weir::control
