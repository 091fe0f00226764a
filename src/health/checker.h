// Checker: asks one endpoint once whether it is well. One family member per protocol; to add one,
// write <name>.cc and a line in checkers.def.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "model/snapshot.h"
#include "net/reactor.h"
#include "net/wait.h"

namespace weir::health {

// What one check found.
struct Answer {
  enum class Result : std::uint8_t {
    passed,
    failed,
    unknown,  // weir itself could not ask (no descriptors left): says nothing of the endpoint
  };
  Answer(Result r, std::string why) : result(r), reason(std::move(why)) {}
  bool passed() const { return result == Result::passed; }
  Result result;
  std::string reason;  // a few words for people: "503 Service Unavailable", "refused", "timed out"
};
std::string_view to_string(Answer::Result result);

// Lives on one reactor; any number of checks at once. What is passed outlives the check.
class Checker {
 public:
  virtual ~Checker() = default;
  // On a connection of its own, which is closed afterwards. Ends at the deadline at the latest.
  virtual Task<Answer> check(const Endpoint& endpoint, const HealthCheck& options,
                             net::Deadline deadline) = 0;
};

// Null when no checker has that name.
std::unique_ptr<Checker> make_checker(std::string_view protocol, net::Reactor& reactor);
std::vector<std::string_view> checker_names();

}  // namespace weir::health
