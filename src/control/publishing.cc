// How the next snapshot comes to the workers: wanted, built once a turn, published, taken over.
#include <utility>

#include "base/log.h"
#include "control/control.h"

namespace weir::control {
namespace {

constexpr Duration kPublishPatience = 2s;

}  // namespace

const Group* Control::group(const std::string& name) const {
  return snapshot_ ? snapshot_->group(name) : nullptr;
}

void Control::want_rebuild() {
  if (!snapshot_ || std::exchange(rebuild_wanted_, true)) return;
  reactor_.defer([this] { rebuild(); });
}

void Control::rebuild() {
  rebuild_wanted_ = false;
  if (handing_over_) return;
  std::map<std::string, std::vector<Backend>> backends;
  std::vector<std::string> scalable;
  for (const auto& [name, options] : desired_.target_groups) {
    if (!discovery_) continue;
    auto& known = backends[name] = discovery_->backends(options);
    for (Backend& backend : known) {
      const std::string key = name + "/" + backend.address;
      backend.draining = taken_out_.contains(key);
    }
  }
  for (const auto& [name, one] : scalers_) {
    const auto more = one->backends();
    for (const std::string& target : one->options().target_groups) {
      if (!desired_.target_groups.contains(target)) continue;
      auto& known = backends[target];
      known.insert(known.end(), more.begin(), more.end());
      if (one->options().max > 0) scalable.push_back(target);
    }
  }
  std::vector<std::string> shifted;
  for (const auto& [zone, until] : shifts_.all()) shifted.push_back(zone);
  auto built = builder_.build(desired_, backends, scalable, shifted);
  if (!built) {
    LOG(error, "snapshot not built", {"error", built.error().message});
    return;
  }
  snapshot_ = *built;
  outside_.publish(snapshot_, held_ ? std::vector<OpenListener>() : listeners_.open(),
                   [this, version = snapshot_->version] {
                     listeners_.close_stale();
                     published_version_ = version;
                     published_.set();
                   });
}

// Until every worker runs the last version, or a worker is stuck: then it takes it over later.
Task<> Control::published() {
  const net::Deadline patience(reactor_.clock().now() + kPublishPatience, &closing_);
  const std::uint64_t version = snapshot_->version;
  while (published_version_ < version) {
    const net::Io set = co_await published_.wait(patience);
    if (set != net::Io::ok) co_return;
  }
}

}  // namespace weir::control
