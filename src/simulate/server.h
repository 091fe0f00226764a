// Server: an instance at work, as a model. It works on `slots` requests at once and keeps the
// others in its own queue, first come, first served. Alone, a request takes its work in seconds;
// each other one in service slows it: with n in service each proceeds at 1 / (1 + slowdown (n -
// 1)), from 0, a machine without limits, to 1, processor sharing. Batching of language models lies
// between (Splitwise, Patel et al. 2024, measured about 0.01 a request on an H100).
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "model/desired_simulation.h"
#include "simulate/prefix_cache.h"
#include "simulate/request.h"

namespace weir::simulate {

// Seconds alone at a server: to the first byte, and from there to the end.
struct Work {
  double prefill = 0;
  double decode = 0;
};

// `cached` tokens of the input are computed already; `factor` varies the whole. Tokens are work
// where the model has a rate for them; else cost, else service_time, at whose end the answer comes.
Work work_of(const Request& request, const ServerModel& model, std::uint64_t cached, double factor);

// Not for several threads at once. Times do not go back.
class Server {
 public:
  struct Milestone {
    std::size_t request;  // as given to accept
    Time at;
    bool end;  // else its first byte
  };

  // `slots` 0: as many as come. The model outlives the server.
  Server(const ServerModel& model, std::uint32_t slots, Time now);

  // The request outlives its stay.
  void accept(Time now, std::size_t id, const Request& request, double factor);
  // When something will happen next; kNever: nothing will by itself.
  Time next() const;
  // What has happened until now, in its order, is appended.
  void collect(Time now, std::vector<Milestone>& out);

  // It is gone, and with it all that it had: their numbers, in order.
  std::vector<std::size_t> evict();

  std::size_t working() const { return working_; }
  std::size_t present() const { return working_ + queue_.size(); }
  std::uint64_t input_tokens() const { return input_tokens_; }    // of what was begun
  std::uint64_t cached_tokens() const { return cached_tokens_; }  // of them, not computed again

 private:
  struct Waiting {
    std::size_t id;
    const Request* request;
    double factor;
  };
  struct Goal {
    double at;  // of progress_
    std::uint64_t order;
    std::size_t id;
    bool end;
    bool operator>(const Goal& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  double pace() const;
  void move_to(Time now);
  void begin(const Waiting& request);

  const ServerModel& model_;
  const std::uint32_t slots_;
  PrefixCache cache_;
  Time last_;
  double progress_ = 0;  // seconds of work that a request in service since the begin would have had
  std::uint64_t order_ = 0;
  std::size_t working_ = 0;
  std::priority_queue<Goal, std::vector<Goal>, std::greater<>> goals_;
  std::deque<Waiting> queue_;
  std::uint64_t input_tokens_ = 0, cached_tokens_ = 0;
};

}  // namespace weir::simulate
