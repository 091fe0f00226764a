// Snapshot: everything the data plane needs to know, as it stood at one version. Complete,
// validated and never changed; parts that did not change are shared with the version before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/siphash.h"
#include "model/desired.h"
#include "model/load.h"

namespace weir {

// What an algorithm prepared for a group (balance::Plan). Any thread.
struct PlanBase {
  virtual ~PlanBase() = default;
};
// A listener's compiled rules (route::Table). Any thread.
struct MatcherBase {
  virtual ~MatcherBase() = default;
};

// What TLS needs of a listener (tls::Front) or of endpoints (tls::Back). Any thread.
struct TlsBase {
  virtual ~TlsBase() = default;
};

// One place a request can be sent. A shared object: a long stream pins it.
struct Endpoint {
  EndpointId id;
  std::uint32_t slot = 0;  // dense index for per-worker tables; reused after the endpoint is gone
  std::string address;     // 127.0.0.1:9001, [::1]:9001, name:9001, unix:/path
  std::uint32_t weight = 1;
  std::string zone;
  std::uint8_t zone_index = 0;         // below kZones; the same for all groups; 0 is none
  std::string instance;                // instance id; empty for a static endpoint
  std::string host;                    // the name it is listed under; empty for a numeric one
  std::shared_ptr<const TlsBase> tls;  // for health checks; null: they go in the clear
  std::string check_preface;           // likewise: what their connections begin with
  std::shared_ptr<Load> load;
};

enum class CrossZone : std::uint8_t { on, off, spill };

// Zones as the choice of one group sees them.
struct ZoneRules {
  CrossZone cross = CrossZone::on;
  std::uint8_t own = 0;    // zone_index of this weir's zone; 0: none, or it has no endpoint here
  std::uint32_t away = 0;  // a bit for each zone that an operator has shifted away
  bool operator==(const ZoneRules&) const = default;
};

struct Group {
  GroupId id;
  std::uint32_t slot = 0;  // its place in Snapshot::groups; stable while the group exists
  std::string name;
  TargetGroup options;
  std::vector<std::shared_ptr<const Endpoint>> endpoints;
  ZoneRules zones;
  std::shared_ptr<GroupLoad> load;
  std::shared_ptr<const PlanBase> plan;
  std::shared_ptr<const PlanBase> sticky;  // balance::Sticky; null: the group has no stickiness
  std::shared_ptr<const TlsBase> tls;      // of https and tls; null: in the clear
  bool scalable = false;  // a scaling group can give it endpoints: requests wait for them
};

struct BoundListener {
  std::string name;
  Listener options;
  std::shared_ptr<const MatcherBase> matcher;
  SipKey cookie_key{};                 // signs what its clients carry
  std::shared_ptr<const TlsBase> tls;  // of https and tls
  std::shared_ptr<ListenerLoad> load = std::make_shared<ListenerLoad>();
};

struct Snapshot {
  std::uint64_t version = 0;
  std::vector<std::shared_ptr<const BoundListener>> listeners;
  std::vector<std::shared_ptr<const Group>> groups;  // by Group::slot; gaps are null
  AccessLog access_log;

  const Group* group(std::string_view name) const {
    for (const auto& g : groups) {
      if (g && g->name == name) return g.get();
    }
    return nullptr;
  }
};

// One worker's hold on the current snapshot. A request takes a Ref and sees one version from
// start to end. The count belongs to this worker alone, so a request costs no atomic operation.
class SnapshotSlot {
  struct Held {
    std::shared_ptr<const Snapshot> snapshot;
    std::uint32_t refs;
  };

 public:
  class Ref {
   public:
    explicit Ref(Held* held) : held_(held) { ++held_->refs; }
    Ref(Ref&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    Ref& operator=(Ref&&) = delete;
    ~Ref() { release(held_); }
    const Snapshot& operator*() const { return *held_->snapshot; }
    const Snapshot* operator->() const { return held_->snapshot.get(); }
    // Lets the version go before the end of scope; not to be used afterwards.
    void reset() { release(std::exchange(held_, nullptr)); }

   private:
    Held* held_;
  };

  explicit SnapshotSlot(std::shared_ptr<const Snapshot> first)
      : held_(new Held{std::move(first), 1}) {}
  SnapshotSlot(const SnapshotSlot&) = delete;
  SnapshotSlot& operator=(const SnapshotSlot&) = delete;
  ~SnapshotSlot() { release(held_); }

  Ref get() { return Ref(held_); }
  const Snapshot& peek() const { return *held_->snapshot; }
  void replace(std::shared_ptr<const Snapshot> next) {
    release(std::exchange(held_, new Held{std::move(next), 1}));
  }

 private:
  static void release(Held* held) {
    if (held && --held->refs == 0) delete held;
  }

  Held* held_;
};

}  // namespace weir
