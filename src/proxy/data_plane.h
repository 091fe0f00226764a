// DataPlane: the workers as one: publish a snapshot, drain, stop.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "model/snapshot.h"
#include "observe/access_record.h"
#include "observe/metrics.h"
#include "proxy/worker.h"

namespace weir::proxy {

// Listening descriptors of one listener.
struct ListenerSockets {
  std::string listener;
  std::vector<int> fds;
  std::uint16_t port = 0;  // 0: a Unix socket
};

// Lives on the control thread.
class DataPlane {
 public:
  struct Options {
    std::uint32_t workers = 1;
    Hooks hooks;
    std::shared_ptr<observe::AccessLog> access_log;
  };
  DataPlane(const Clock& clock, observe::Registry& registry, Options options);
  ~DataPlane();

  void start();
  std::size_t workers() const { return workers_.size(); }
  // Every worker takes it over at its next turn. The descriptors stay open until the next
  // publish that leaves them out has been taken over: `then` is called (on some worker's thread).
  void publish(std::shared_ptr<const Snapshot> snapshot,
               const std::vector<ListenerSockets>& sockets, std::function<void()> then = {});
  // Something about a group's endpoints changed for the better: waiting requests try again.
  // Any thread.
  void wake(const Group& group);
  // Ends what is still under way at an endpoint, so that clients can tell. Any thread.
  void cut(std::shared_ptr<const Endpoint> endpoint);
  // Accepts nothing more but what waits in the backlogs; `then` is called (on some worker's
  // thread) once no worker uses the descriptors any more.
  void drain(std::function<void()> then = {}, bool gently = false);
  // Connections that are open; asked of the workers, answered by posting to `then` on the last
  // worker's thread.
  void count_connections(std::function<void(std::size_t)> then);
  // Breaks off what is left.
  void stop();

 private:
  std::shared_ptr<Room> room(const Group& group);

  Common common_;
  std::mutex mutex_;
  std::map<GroupId, std::weak_ptr<Room>> rooms_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace weir::proxy
