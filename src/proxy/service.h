// Service: serves the requests of one listener on one worker: match, then act.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/local.h"
#include "http/exchange.h"
#include "http/writer.h"
#include "model/snapshot.h"
#include "observe/access_record.h"
#include "observe/metrics.h"
#include "proxy/rate_limits.h"
#include "proxy/request_id.h"
#include "route/table.h"
#include "tls/front.h"

namespace weir::proxy {

class Worker;

// Lives on one worker; kept by the connections that it serves. A new version of the listener takes
// effect from the next request on.
class Service final : public http::Handler, public Counted {
 public:
  Service(Worker& worker, std::shared_ptr<const BoundListener> listener);

  void update(std::shared_ptr<const BoundListener> listener);
  Task<> handle(http::Exchange& exchange) override;
  const http::H1Settings& settings() const override { return settings_; }
  void refused(std::uint16_t status, const char* reason) override;
  // TLS towards its clients; null: in the clear.
  const tls::Front* front() const {
    return static_cast<const tls::Front*>(version_->listener->tls.get());
  }
  const std::string& name() const { return version_->listener->name; }
  // Its listener is gone.
  void retire() { retired_ = true; }
  bool retired() const { return retired_; }
  observe::Counter& connections() { return connections_; }
  bool proxy_protocol() const { return version_->listener->options.proxy_protocol; }
  // May a client of this address connect?
  bool admits(const Ip& ip) const { return version_->table.access().admits(ip); }
  // It may not: for records.
  void deny(const http::Peer& peer);
  // Connections open over all workers; counted by the workers.
  std::atomic<std::uint32_t>& open_connections() { return load_->connections; }
  // Asked whether it may accept, a worker says why not: connections or descriptors; null: it may.
  void accept_paused(const char* cause);

 private:
  // Cells of weir_proxy_requests_total for one group, by class of status (0: none was sent).
  struct Codes {
    std::array<observe::Counter*, 6> by_class{};
  };
  // A share of a forward action, with what was looked up for it.
  struct Route {
    std::uint32_t slot = 0;  // where its group was found last
    Codes* codes = nullptr;
  };
  // One version of the listener; kept by the requests that it decides.
  struct Version : Counted {
    Version(std::shared_ptr<const BoundListener> l, Worker& worker);
    Route& route(int matched, const Forward& forward, const Forward::Share& share);
    // Null for the default action.
    const Rule* rule(int matched) const {
      return matched == route::Table::kDefault ? nullptr
                                               : &table.rules()[static_cast<std::size_t>(matched)];
    }
    std::shared_ptr<const BoundListener> listener;
    const route::Table& table;
    std::unique_ptr<RateLimits> limits;  // null: none
    std::vector<Route> routes;
    std::vector<std::uint32_t> first_route;  // by rule; the default action's at the end
    std::vector<observe::Counter*> rules;    // of rules with a name; empty: there are none
  };
  Codes& codes_of(std::string_view group);
  void count(Codes& codes, std::string_view group, std::uint16_t status);
  http::Forwarded forwarded(const http::Exchange& exchange, const RequestIds& ids, IpText& client);
  // The share of a forward with weights, and the cookies that remember it.
  const Forward::Share* choose_share(const Version& version, const Forward& forward,
                                     const RequestView& view, std::vector<std::string>& cookies);
  void write_record(const http::Exchange& exchange, const RequestIds& ids,
                    observe::AccessRecord& record);

  Worker& worker_;
  Local<Version> version_;
  http::H1Settings settings_;
  std::map<std::string, Codes, std::less<>> codes_;
  std::shared_ptr<ListenerLoad> load_;
  std::uint16_t port_ = 0;  // that clients connected to last, and in words
  std::string port_text_;
  observe::Counter& connections_;
  const char* paused_ = nullptr;
  bool retired_ = false;
  Time tell_pause_{};
};

}  // namespace weir::proxy
