// Layer4: what the connections or flows of a listener that is not read as HTTP share on one worker:
// its present version, the choice of a target group, metric cells, records.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "base/local.h"
#include "http/exchange.h"
#include "model/snapshot.h"
#include "net/client_hello.h"
#include "observe/access_record.h"
#include "observe/metrics.h"
#include "proxy/context.h"

namespace weir::proxy {

class Worker;

// How a connection or flow ended.
enum class L4End : std::uint8_t { proper, idle, client, endpoint, rejected, refused, stopped };

// Lives on one worker; kept by its connections. A new version of the listener takes effect from the
// next one on.
class Layer4 : public Counted {
 public:
  Layer4(Worker& worker, std::shared_ptr<const BoundListener> listener);

  void update(std::shared_ptr<const BoundListener> listener) { listener_ = std::move(listener); }
  const std::string& name() const { return listener_->name; }
  const Listener& options() const { return listener_->options; }
  // TLS towards its clients; null: none that weir ends. Kept by the listener's version.
  std::shared_ptr<const TlsBase> tls() const { return listener_->tls; }
  Worker& worker() const { return worker_; }
  // Open over all workers.
  std::atomic<std::uint32_t>& open() { return load_->connections; }
  bool full() const;
  // May a client of this address connect? One that may not is counted.
  bool admits(const Ip& ip);
  observe::Counter& accepted() { return accepted_; }

  // Where a rule sends it. An empty group name: nowhere. `key` is what its algorithm hashes.
  struct Target {
    std::string group_name;
    Local<WorkerGroup> group;  // null: it has gone meanwhile
    std::uint64_t key = 0;
  };
  Target route(const http::Peer& who, const net::ClientHello& hello);

  // Counts one that has ended, and writes its record, which is complete but for time, listener and
  // client.
  void ended(observe::AccessRecord& record, const http::Peer& who, L4End end, Time began);

 private:
  struct Cells {
    std::array<observe::Counter*, 7> ends{};
    observe::Histogram* seconds = nullptr;
  };

  Worker& worker_;
  std::shared_ptr<const BoundListener> listener_;
  std::shared_ptr<ListenerLoad> load_;
  observe::Counter& accepted_;
  std::map<std::string, Cells, std::less<>> cells_;  // by group
  std::map<std::string, std::uint32_t> slots_;       // where groups were found last
};

// One connection of a tcp, tls or tls_passthrough listener, from accept to its end.
Task<> serve_connection(Local<Layer4> service, net::Fd fd, http::Peer who);

}  // namespace weir::proxy
