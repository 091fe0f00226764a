// What one worker holds of the groups and endpoints that all share: balancers, connection pools,
// metric cells. Counted by the worker: a long stream pins what it uses, whatever is published.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "balance/balancer.h"
#include "base/local.h"
#include "http/h1_server.h"
#include "http/h2_client.h"
#include "http/pool.h"
#include "judge/hedge.h"
#include "model/snapshot.h"
#include "observe/metrics.h"
#include "proxy/connections.h"
#include "proxy/limiter.h"
#include "proxy/overload_cells.h"
#include "proxy/room.h"
#include "tls/codec.h"

namespace weir::proxy {

class Slot;

// Lives on one worker.
struct WorkerEndpoint : Counted {
  std::shared_ptr<const Endpoint> endpoint;
  net::Address address;
  http::Pool pool;
  std::unique_ptr<http::H2Pool> h2;  // made at first use
  std::shared_ptr<Limiter> limiter;  // null until its group's adaptive_concurrency asks for it
  Connections connections;
  Slot* first_slot = nullptr;            // of the requests at it
  std::shared_ptr<const TlsBase> tls;    // what the connections of the pool were made with
  Local<tls::LastSession> last_session;  // to resume, over TLS

  // What was made with other settings goes.
  void use_tls(const std::shared_ptr<const TlsBase>& wanted) {
    if (tls == wanted) return;
    pool.clear();
    if (h2) h2->clear();
    tls = wanted;
    last_session = wanted ? make_local<tls::LastSession>() : Local<tls::LastSession>();
  }
};

// Metric cells of a group on one worker; kept when its plan changes.
struct GroupCells : Counted {
  GroupCells(observe::Sheet& sheet, const std::string& group);
  observe::Histogram& request_seconds;
  observe::Histogram& first_byte_seconds;
  observe::Histogram& wait_seconds;
  observe::Counter& cancelled;
  observe::Counter& cut_endpoint;
  observe::Counter& cut_client;
  observe::Counter& ejected_failures;
  observe::Counter& ejected_hung;
  observe::Counter& connects;
  observe::Counter& request_bytes;
  observe::Counter& response_bytes;
  observe::Counter& rejected_full;
  observe::Counter& rejected_timeout;
  observe::Counter& rejected_none;
  observe::Counter& tripped_connections;
  observe::Counter& tripped_pending;
  observe::Counter& tripped_requests;
  observe::Counter& tripped_retries;
  observe::Counter& deregistered;
  observe::Counter& retries_connect;
  observe::Counter& retries_unanswered;
  OverloadCells overload;
  std::unique_ptr<judge::Hedging> hedging;  // null until a request may be hedged
};

// Lives on one worker. Replaced when the plan changes; kept by the requests that use it.
struct WorkerGroup : Counted {
  WorkerGroup(std::shared_ptr<const Group> g, std::shared_ptr<Room> r, Local<GroupCells> c,
              Random& random);
  // Another version of the same group with the same plan.
  void update(std::shared_ptr<const Group> next) { group = std::move(next); }

  std::shared_ptr<const Group> group;
  std::shared_ptr<Room> room;
  std::shared_ptr<const balance::Plan> plan;
  std::unique_ptr<balance::Balancer> balancer;
  Local<GroupCells> cells;
};

}  // namespace weir::proxy
