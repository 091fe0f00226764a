#include "proxy/mirror.h"

#include <memory>
#include <utility>

#include "base/check.h"
#include "proxy/forward.h"
#include "proxy/metrics.h"
#include "proxy/special.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

// A request that has been read already, and whose answer nobody reads.
class Copy final : public http::Exchange {
 public:
  Copy(const http::RequestHead& head, const http::Peer& peer, std::string_view body)
      : own_(head, head.fields.list), parsed_(own_.head()), body_(body) {
    head_ = &parsed_;
    peer_ = peer;
    bytes_in_ = body_.size();
  }

  bool body_arrived() const override { return true; }
  Task<http::Piece> read_body(net::Interrupt&) override {
    co_return http::Piece{net::Io::ok, body_, true};
  }
  const http::Fields* trailers() const override { return nullptr; }
  Task<net::Io> start(http::Reply reply, std::string_view piece, bool) override {
    status_ = reply.status;
    bytes_out_ += piece.size();
    co_return net::Io::ok;
  }
  Task<net::Io> write(std::string_view piece, bool) override {
    bytes_out_ += piece.size();
    co_return net::Io::ok;
  }
  Task<net::Io> finish(const http::Fields&) override { co_return net::Io::ok; }
  Task<net::Io> interim(const http::Reply&) override { co_return net::Io::ok; }
  void abort() override {}
  net::Stream* tunnel(std::string&) override {
    CHECK(false);  // no request that asks for another protocol is copied
    return nullptr;
  }

 private:
  http::OwnedHead own_;
  http::RequestHead parsed_;
  std::string body_;
};

// A copy with all that it needs, counted while it lives.
struct Flight {
  Flight(Hop& hop, Local<WorkerGroup> g, std::uint64_t k)
      : worker(hop.worker),
        group(std::move(g)),
        key(k),
        copy(*hop.request, hop.exchange.peer(), hop.held.bytes()),
        size(hop.held.bytes().size()),
        client(hop.forwarded.client),
        scheme(hop.forwarded.scheme),
        port(hop.forwarded.port),
        request_id(hop.forwarded.request_id),
        traceparent(hop.forwarded.traceparent),
        forwarded(hop.forwarded) {
    forwarded.client = client;
    forwarded.scheme = scheme;
    forwarded.port = port;
    forwarded.request_id = request_id;
    forwarded.traceparent = traceparent;
    ++worker.mirrors().in_flight;
    worker.mirrors().bytes += size;
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight() {
    --worker.mirrors().in_flight;
    worker.mirrors().bytes -= size;
  }

  Worker& worker;
  Local<WorkerGroup> group;
  std::uint64_t key;
  Copy copy;
  std::uint64_t size;
  std::string client, scheme, port, request_id, traceparent;
  http::Forwarded forwarded;
  observe::AccessRecord record;
};

Task<> fly(std::unique_ptr<Flight> flight) {
  Worker& worker = flight->worker;
  const std::string name = flight->group->group->name;
  const Worker::Breakable breakable(worker, flight->copy.gone());
  // Not before the request that it was copied from: in a later turn of the loop.
  const net::Deadline soon(worker.reactor().clock().now() + 1us, &flight->copy.gone());
  const net::Io rested = co_await net::sleep(worker.reactor(), soon);
  if (rested == net::Io::cancelled) co_return;
  Hop hop(worker, flight->copy, std::move(flight->group), flight->forwarded, flight->record,
          worker.reactor().now());
  hop.once = true;
  co_await forward(hop, flight->key);
  const bool answered = flight->record.endpoint_status != 0;
  const bool full = flight->record.attempts == 0;
  count_mirror(worker, name, answered ? "sent" : full ? "no_slot" : "failed");
}

}  // namespace

void count_mirror(Worker& worker, const std::string& group, const char* outcome) {
  worker.sheet().counter(metrics::mirrored_total, {group, outcome}).add();
}

bool wants_mirror(Hop& hop, const Mirror& mirror) {
  if (mirror.group.empty() || hop.exchange.request().upgrade) return false;
  constexpr std::uint64_t kWhole = 1'000'000;
  return mirror.share >= 1 ||
         static_cast<double>(hop.worker.random().below(kWhole)) < mirror.share * kWhole;
}

void mirror(Hop& hop) {
  Special& special = *hop.special;
  if (!special.mirrors || !hop.held.whole() || hop.exchange.trailers()) return;
  special.mirrors = false;
  const std::string& name = special.extras->mirror.group;
  std::uint32_t slot = 0;
  Local<WorkerGroup> group = hop.worker.group(name, slot);
  const MirrorBudget& budget = hop.worker.mirrors();
  const bool full =
      budget.in_flight >= budget.most || budget.bytes + hop.held.bytes().size() > budget.most_bytes;
  if (!group || full) return count_mirror(hop.worker, name, "no_slot");
  const std::uint64_t key = group->plan->key(special.request);
  hop.worker.background().spawn(fly(std::make_unique<Flight>(hop, std::move(group), key)));
}

}  // namespace weir::proxy
