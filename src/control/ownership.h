// Ownership: which file declared which resource. A file that is applied replaces what it owned
// before; what others own (another file, the API) stays.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "model/desired.h"

namespace weir::control {

// Kinds as the store names them.
inline constexpr const char* kListener = "listener";
inline constexpr const char* kTargetGroup = "target_group";
inline constexpr const char* kScalingGroup = "scaling_group";
inline constexpr const char* kAlarm = "alarm";

// Calls visit(kind, part of a Desired) for each kind of resource that somebody owns.
template <class Visit>
void for_each_kind(Visit visit) {
  visit(kListener, &Desired::listeners);
  visit(kTargetGroup, &Desired::target_groups);
  visit(kScalingGroup, &Desired::scaling_groups);
  visit(kAlarm, &Desired::alarms);
}

class Ownership {
 public:
  // What would run if `file` were applied by `origin` on top of `now`. The process's own sections
  // (admin, state, workers ...) are taken from the file that is served alone.
  Desired merge(const Desired& now, const Desired& file, const std::string& origin,
                bool served) const;
  // Notes that `origin` declares what is in `file`; what is not in `next` is owned by nobody.
  void update(const Desired& next, const Desired& file, const std::string& origin);
  // A resource found in the store.
  void note(const std::string& kind, const std::string& name, const std::string& origin);
  // "" when nobody owns it.
  std::string owner(const std::string& kind, const std::string& name) const;

 private:
  std::map<std::pair<std::string, std::string>, std::string> owners_;
};

}  // namespace weir::control
