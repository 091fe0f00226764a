// Notifier: tells the webhooks and commands of the configuration of the events that they want.
//
// Each has a queue of its own and is told one event at a time, in order; one that hangs keeps
// nobody else waiting. A queue that is full loses its oldest event, and counts it. What waits is
// lost when weir ends.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/scope.h"
#include "base/task.h"
#include "model/desired_notify.h"
#include "model/event.h"
#include "net/reactor.h"
#include "notify/webhook.h"

namespace weir::notify {

// How one stands, since weir's start or since it is in the configuration.
struct NotifierStatus {
  std::string name;
  std::size_t queued = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   // given up
  std::uint64_t dropped = 0;  // the queue was full
  std::string last_error;     // of the last that was given up; empty once one is delivered
};

// Whether it is to be told.
bool wants(const Notification& options, const Event& event);

// Lives on the reactor's thread; stop() before its end.
class Notifier {
 public:
  static constexpr std::size_t kMostEvents = 1000;        // in each queue
  static constexpr std::size_t kMostBytes = 1024 * 1024;  // likewise, of JSON

  Notifier(net::Reactor& reactor, net::Resolver* resolver, std::uint64_t seed, Pace pace = {});

  // From now on these. One that stays keeps its queue.
  void update(const Named<Notification>& wanted);
  // Whoever wants it.
  void hear(const Event& event);
  // That one, unless it wants it anyway and hears it so. False: there is none of this name.
  bool send(const std::string& name, const Event& event);

  std::vector<NotifierStatus> status() const;
  Webhooks& webhooks() { return webhooks_; }
  // Ends what is under way.
  Task<> stop();

 private:
  struct Item {
    Message message;
    std::vector<std::pair<std::string, std::string>> environment;
  };
  struct Target {
    explicit Target(net::Reactor& reactor) : more(reactor) {}
    Notification options;
    std::deque<Item> queue;
    std::size_t bytes = 0;
    net::Signal more;
    net::Interrupt stop;
    NotifierStatus status;
  };

  void queue(Target& target, const Event& event);
  Task<> run(std::shared_ptr<Target> target);
  Task<Result<>> tell(Notification options, Item item, net::Interrupt* stop);

  net::Reactor& reactor_;
  Webhooks webhooks_;
  std::map<std::string, std::shared_ptr<Target>> targets_;
  Scope tasks_;
};

}  // namespace weir::notify
