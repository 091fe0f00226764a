// Monitor: checks every endpoint of the snapshot, round after round, and turns its health.
//
// A thread and a loop of its own, so that ten thousand endpoints every two seconds wait behind
// nothing. It writes Load and GroupLoad::panic; only turns are told to others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/random.h"
#include "base/scope.h"
#include "health/checker.h"
#include "health/fitness_watch.h"
#include "health/gate.h"
#include "health/outlier_watch.h"
#include "health/pace.h"
#include "judge/thresholds.h"
#include "model/snapshot.h"
#include "net/reactor.h"
#include "observe/metrics.h"

namespace weir::health {

// What the monitor tells the rest of the process; called on its thread, to return at once.
struct Hooks {
  // An endpoint turned, and why. Each endpoint's first turn to healthy is told too, also in a
  // group that is not checked.
  std::function<void(const std::shared_ptr<const Group>&, const Endpoint&, Health before,
                     Health now, const std::string& reason)>
      turned;
  // More of a group's endpoints can take traffic: one turned healthy, an ejection ended, panic
  // began. Those who wait for it may try.
  std::function<void(const std::shared_ptr<const Group>&)> relieved;
};

// The last answer of an endpoint, for status.
struct LastCheck {
  Answer::Result result;
  std::string reason;  // "200 OK", "refused", "timed out"; "not checked"
  Time at;             // when it came
  Duration took;
};

class Monitor {
 public:
  Monitor(const Clock& clock, observe::Registry& registry, std::uint64_t seed, Hooks hooks);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor() { stop(); }

  void start();
  // Any thread. What is new is checked at once, what is gone not any more.
  void update(std::shared_ptr<const Snapshot> snapshot);
  // Ends the thread; checks under way are broken off and count for nothing.
  void stop();

  // Any thread. Endpoints without an answer yet are left out.
  std::map<EndpointId, LastCheck> last() const;
  std::optional<LastCheck> last(EndpointId endpoint) const;

 private:
  // What one group needs here.
  struct Ward {
    Ward(observe::Sheet& sheet, const std::string& group, Time now);
    std::shared_ptr<const Group> group;
    FitnessWatch fitness;
    OutlierWatch outliers;
    bool look_again = false;
    bool relieved = false;
    std::uint64_t version = 0;  // of the last snapshot it was in
    observe::Counter& passed;
    observe::Counter& failed;
    observe::Counter& unknown;
    observe::Counter& turned_healthy;
    observe::Counter& turned_unhealthy;
    observe::Counter& panics;
    observe::Counter& failing;
    observe::Counter& slow;
    observe::Histogram& seconds;
  };
  // An endpoint whose group is checked. Its coroutine holds it, and so does the monitor until the
  // endpoint is gone.
  struct Watched {
    Watched(net::Reactor& reactor, std::shared_ptr<Ward> w, std::shared_ptr<const Endpoint> e)
        : ward(std::move(w)), endpoint(std::move(e)), nudge(reactor) {}
    std::shared_ptr<Ward> ward;
    std::shared_ptr<const Endpoint> endpoint;
    judge::Streak streak;
    Pace pace;
    net::Interrupt gone;
    net::Signal nudge;          // the next round is now
    std::uint64_t version = 0;  // of the last snapshot it was in
  };

  void run();
  void take(const Snapshot& snapshot);
  void take_group(const std::shared_ptr<const Group>& group);
  void admit_unchecked(Ward& ward, const Endpoint& endpoint);
  void drop_gone();
  Task<> rounds(std::shared_ptr<Watched> watched);
  void note(Watched& watched, const HealthCheck& options, const Answer& answer, Time now,
            Duration took);
  void turned(Ward& ward, const Endpoint& endpoint, Health before, Health now,
              const std::string& reason);
  void remember(EndpointId endpoint, const Answer& answer, Time now, Duration took);
  Task<> look_regularly();
  void look_soon(Ward& ward);
  void look(Ward& ward);
  void take_outliers(Ward& ward);

  observe::Sheet& sheet_;
  Random random_;
  Hooks hooks_;
  net::Reactor reactor_;
  std::thread thread_;
  std::map<std::string, std::unique_ptr<Checker>, std::less<>> checkers_;
  Gate gate_;
  Scope scope_;
  net::Interrupt stopping_;
  std::uint64_t version_ = 0;  // counts the snapshots taken
  std::unordered_map<GroupId, std::shared_ptr<Ward>> wards_;
  std::unordered_map<EndpointId, std::shared_ptr<Watched>> watched_;
  bool look_planned_ = false;
  Time shortage_logged_{};
  mutable std::mutex mutex_;
  std::unordered_map<EndpointId, LastCheck> last_;  // under mutex_
};

}  // namespace weir::health
