// Store: desired state, instances and history at rest. What was committed survives a kill and a
// power cut.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::state {

// Whose it is. Files own the default tenant.
struct Tenant {
  std::string account = "default";
  std::string region = "default";
  auto operator<=>(const Tenant&) const = default;
};

struct Key {
  Tenant tenant;
  std::string kind;  // listener, target_group, scaling_group, ...
  std::string name;
  auto operator<=>(const Key&) const = default;
};

// A resource as the user asked for it.
struct Resource {
  Key key;
  std::string body;           // JSON text, opaque here
  std::string origin;         // the file that owns it, or "api"
  std::uint64_t version = 0;  // 1 at first, raised by each put; written by the store
};

// An instance, recorded before it is spawned.
struct Instance {
  std::string id;  // never reused
  std::string group;
  std::string body;  // JSON text, opaque here
  Tenant tenant{};
};

// A line of a group's history, or of an alarm's ("alarm/NAME").
struct Activity {
  std::string group;
  WallTime at{};
  std::string body;     // JSON text, opaque here
  std::int64_t id = 0;  // rising; written by the store
  Tenant tenant{};
};

// A metric's mean over a minute.
struct Minute {
  std::string subject;  // whose: scaling_group/ocr
  std::string metric;
  WallTime at{};     // the minute's begin
  double value = 0;  // kept to three decimals
};

// A metric's mean over a minute, by its whole name: in_flight{target_group=ocr}.
struct Point {
  std::string metric;
  WallTime at{};     // the minute's begin
  double value = 0;  // kept to a millionth, up to 9e12
};

// What is committed together: all of it or nothing. Removing what is not there is no error.
struct Change {
  std::vector<Resource> put;
  std::vector<Key> remove;
  std::vector<Instance> put_instances;
  std::vector<std::string> remove_instances;  // ids
};

// Every call blocks on the disk. One thread at a time, any thread (a helper thread, or a mutex).
// Errors are complete sentences for people: what is wrong with which file, and what to do.
//   Code::conflict     another weir has the file
//   Code::limit        the disk is full; nothing was changed
//   Code::invalid      the file is damaged, of another program, or of a newer weir
//   Code::denied, Code::unavailable   it cannot be opened, read or written
class Store {
 public:
  static constexpr std::size_t kHistory = 1000;                // activities kept per group
  static constexpr Duration kMinutes = std::chrono::days(15);  // of each metric

  // Makes the file (mode 0600) and its folder where they are missing, brings an older schema up to
  // date, and keeps every other process out until the store is destroyed. ":memory:" keeps nothing.
  static Result<std::unique_ptr<Store>> open(const std::string& path);

  virtual ~Store() = default;

  // Drawn once, when the file was made: marks what belongs to this store.
  virtual const std::string& id() const = 0;

  // On disk when it returns (synchronous=FULL).
  virtual Result<> commit(const Change& change) = 0;
  virtual Result<std::optional<Resource>> get(const Key& key) = 0;
  // Of one tenant, and of one kind where it is given; by kind and name.
  virtual Result<std::vector<Resource>> list(const std::string& kind = {},
                                             const Tenant& tenant = {}) = 0;
  // Of all tenants, and of the kinds that begin so.
  virtual Result<std::vector<Resource>> list_all(const std::string& kinds) = 0;
  // All tenants; of one group where it is given; by id.
  virtual Result<std::vector<Instance>> instances(const std::string& group = {}) = 0;

  // History survives a kill of weir; a power cut may take its last moments (synchronous=NORMAL).
  virtual Result<> append(const std::vector<Activity>& activities) = 0;
  // The newest first.
  virtual Result<std::vector<Activity>> activities(const std::string& group,
                                                   std::size_t limit = kHistory,
                                                   const Tenant& tenant = {}) = 0;

  // As history: a power cut may take the last ones. A minute that is there already is replaced.
  virtual Result<> append(const std::vector<Minute>& minutes) = 0;
  // All of one minute; likewise. What is older than kMinutes goes.
  virtual Result<> append(const std::vector<Point>& points) = 0;
  // From then on, the oldest first.
  virtual Result<std::vector<Point>> points(const std::string& metric, WallTime from) = 0;
  // The oldest first.
  virtual Result<std::vector<Minute>> minutes(const std::string& subject,
                                              const std::string& metric) = 0;
};

}  // namespace weir::state
