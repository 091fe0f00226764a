// Provider: makes and removes instances. list() is the truth; everything else is a wish that the
// caller reconciles, so a lost answer or a restart heals itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "model/desired.h"
#include "net/reactor.h"

namespace weir::fleet {

struct LaunchSpec {
  std::string instance;       // id, unique for ever: i-0123456789abcdef0; letters, digits, - _ .
  std::string group;          // scaling group
  std::uint32_t version = 1;  // of its launch template
  Launch launch;
};

// One instance that the provider knows to exist.
struct Live {
  std::string instance;
  std::string group;
  std::uint32_t version = 1;
  std::string address;  // 127.0.0.1:20001
  std::int64_t pid = 0;
  WallTime started{};
  bool adopted = false;   // taken over from an earlier weir: no exit status will come
  bool stopping = false;  // terminate() was called, also by an earlier weir
  std::vector<std::string> devices;
};

struct Exit {
  std::string instance;
  // For people: "exit status 1", "signal 9 (killed)", "gone (adopted)", "out of memory: ...".
  std::string cause;
  bool wanted = false;                  // terminate() was called for it
  std::vector<std::string> last_lines;  // of its log
};

struct Usage {
  double cpu_percent = 0;     // of what the instance may use: its cpus, else one core
  double memory_percent = 0;  // of its memory, else of the machine's
  std::uint64_t memory_bytes = 0;
};

struct Capacity {
  std::optional<std::uint32_t> devices_free;  // none: no device is configured
  std::optional<std::uint32_t> ports_free;
};

// Lives on the control thread.
class Provider {
 public:
  virtual ~Provider() = default;
  // Ends its background work, launches in flight included; instances live on. Nothing is reported
  // afterwards. Await it before the destructor.
  virtual Task<> stop() = 0;

  // Code::limit: no device or port is free now; the instance stays pending with that reason. Any
  // error leaves nothing behind. The instance is in list() once it has been started; its end is
  // told after launch() has returned, never before.
  virtual Task<Result<Live>> launch(LaunchSpec spec) = 0;
  // Polite first, by force after `grace`; returns at once, on_exit tells the end. An instance that
  // is being launched is given up: its launch() returns Code::unavailable. Again with a shorter
  // grace: sooner. Code::not_found.
  virtual Result<> terminate(const std::string& instance, Duration grace) = 0;
  // Stops all that belongs to the instance (SIGSTOP), or lets it go on. Code::not_found.
  virtual Result<> pause(const std::string& instance, bool on) = 0;
  virtual std::vector<Live> list() const = 0;
  // Since the last call, for one caller that asks at its own pace.
  virtual std::optional<Usage> usage(const std::string& instance) = 0;
  virtual Capacity capacity() const = 0;
  // The last lines that the instance wrote, oldest first, as valid UTF-8 without control
  // characters; also of one that has ended lately.
  virtual std::vector<std::string> log_tail(const std::string& instance,
                                            std::size_t lines) const = 0;
  // Path of its log file, for following.
  virtual std::optional<std::string> log_path(const std::string& instance) const = 0;
  // What may be given out from now on (a reload changed it); what is in use stays so.
  virtual void supply(std::uint16_t first_port, std::uint16_t last_port,
                      std::vector<std::string> devices) = 0;

  // Called on the control thread for each end of an instance, once nothing that it started is
  // left. It may launch and terminate.
  std::function<void(const Exit&)> on_exit;
};

// What a provider needs from the process around it.
struct Surroundings {
  net::Reactor& reactor;
  std::string
      store_id{};      // marks our children: WEIR_STORE in their environment; letters, digits, -
  std::string logs{};  // folder of instance logs; made if it is missing
  std::uint16_t first_port = 20000;
  std::uint16_t last_port = 29999;
  std::vector<std::string> devices{};
  // Commits a record of the instance before it is spawned (and again with its pid, and when it is
  // being stopped), and forgets it after on_exit told its end. Both take effect in the order of
  // their calls. `body` is opaque JSON that the provider reads back at adoption.
  std::function<Task<Result<>>(std::string instance, std::string body)> record{};
  std::function<void(const std::string& instance)> forget{};
  std::map<std::string, std::string> recorded{};  // at start: what an earlier weir recorded
};

// On the reactor's thread. Unknown names are an error. The process provider adopts what is its own
// before it returns, and tells of the recorded ones that are gone in the loop's next turn.
Result<std::unique_ptr<Provider>> make_provider(std::string_view name, Surroundings surroundings);

}  // namespace weir::fleet
