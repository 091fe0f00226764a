// Front: what stands before the servers in a replay: weir's own admission (admit: slots, line,
// learned concurrency; judge: circuit breaker) and choice (balance), in the order in which
// proxy/admission.cc asks them. What is left out: retries, ejections and sessions, as nothing
// fails.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "admit/gradient.h"
#include "admit/line.h"
#include "balance/balancer.h"
#include "base/random.h"
#include "model/snapshot.h"

namespace weir::simulate {

using EndpointPointer = std::shared_ptr<const Endpoint>;

// Of one target group. Not for several threads at once.
class Front {
 public:
  struct Ask {
    std::size_t request = 0;
    std::uint64_t key = 0;   // of the request, for algorithms that hash
    std::uint32_t rank = 0;  // of its priority class
  };
  struct Sent {
    std::size_t request = 0;
    EndpointPointer endpoint;  // a slot of it is taken
  };
  enum class Answer : std::uint8_t { sent, waits, full, tripped, no_endpoint };
  struct Arrival {
    Answer answer;
    Sent sent;                             // where it was sent
    std::optional<std::size_t> displaced;  // who had to leave the line for it
  };

  // `scalable`: requests wait though there is no endpoint.
  Front(const TargetGroup& options, bool scalable, std::uint64_t seed);

  // The endpoints, at first and after each change of their set.
  void use(std::vector<EndpointPointer> endpoints);
  Arrival arrive(const Ask& ask, Time now);
  // Whoever is next in line goes, where a slot is free for it now.
  std::optional<Sent> call_up(Time now);
  // It leaves the line; false where it does not wait.
  bool give_up(std::size_t request);
  // Events of a request that was sent at `taken`.
  void first_byte(const Endpoint& endpoint, Time taken, Time now);
  void finished(const Endpoint& endpoint, Time taken, Time now);

  const GroupLoad& load() const { return *group_.load; }
  const TargetGroup& options() const { return group_.options; }
  // Seconds of slots in use until now, all together.
  double slot_seconds(Time now) const;

 private:
  EndpointPointer choose(const Ask& ask, Time now);
  void count(int change, Time now);

  Random random_;
  Group group_;
  const bool hashes_;
  std::shared_ptr<const balance::Plan> plan_;
  std::unique_ptr<balance::Balancer> balancer_;
  std::unique_ptr<admit::Line> line_;
  std::unordered_map<std::size_t, Ask> waiting_;
  std::unordered_map<EndpointId, admit::Gradient> learned_;
  double slot_seconds_ = 0;
  Time counted_{};
};

}  // namespace weir::simulate
