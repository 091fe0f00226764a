#include "proxy/layer4.h"

#include "proxy/metrics.h"
#include "proxy/worker.h"
#include "route/actions.h"
#include "route/table.h"

namespace weir::proxy {
namespace {

constexpr const char* kEnds[] = {"proper",   "idle",    "client", "endpoint",
                                 "rejected", "refused", "stopped"};

}  // namespace

Layer4::Layer4(Worker& worker, std::shared_ptr<const BoundListener> listener)
    : worker_(worker),
      listener_(std::move(listener)),
      load_(listener_->load),
      accepted_(worker.sheet().counter(metrics::connections_total, {listener_->name})) {}

bool Layer4::full() const {
  const std::uint32_t most = options().limits.connections;
  return most != 0 && load_->connections.load(std::memory_order_relaxed) >= most;
}

bool Layer4::admits(const Ip& ip) {
  const auto& table = static_cast<const route::Table&>(*listener_->matcher);
  if (table.access().admits(ip)) return true;
  worker_.sheet().counter(metrics::denied_total, {name(), "accept"}).add();
  return false;
}

Layer4::Target Layer4::route(const http::Peer& who, const net::ClientHello& hello) {
  RequestView view;
  view.host = hello.server_name;
  view.port = who.local_port;
  view.source = who.ip;
  view.source_port = who.port;
  const auto& table = static_cast<const route::Table&>(*listener_->matcher);
  Target target;
  const auto* forward = std::get_if<Forward>(&table.action(table.match(view)));
  if (!forward) return target;
  const Forward::Share* share = forward->groups.size() == 1
                                    ? &forward->groups[0]
                                    : route::choose_share(*forward, worker_.random());
  if (!share) return target;
  target.group_name = share->group;
  target.group = worker_.group(share->group, slots_[share->group]);
  if (target.group) target.key = target.group->plan->key(view);
  return target;
}

void Layer4::ended(observe::AccessRecord& record, const http::Peer& who, L4End end, Time began) {
  auto found = cells_.find(record.group);
  if (found == cells_.end()) found = cells_.emplace(std::string(record.group), Cells()).first;
  Cells& cells = found->second;
  observe::Counter*& cell = cells.ends[static_cast<std::size_t>(end)];
  if (!cell) {
    cell = &worker_.sheet().counter(
        metrics::l4_ended_total,
        {name(), std::string(record.group), std::string(kEnds[static_cast<std::size_t>(end)])});
  }
  cell->add();
  if (!cells.seconds) {
    cells.seconds = &worker_.sheet().histogram(metrics::l4_seconds, {std::string(record.group)});
  }
  record.total = worker_.reactor().clock().now() - began;
  cells.seconds->add(record.total);
  if (!worker_.access_log()) return;
  record.time = worker_.reactor().clock().wall() - record.total;
  record.listener = name();
  record.client = who.uid != ~0u ? "unix" : to_string(who.ip) + ":" + std::to_string(who.port);
  record.connection = true;
  record.cut = end != L4End::proper && end != L4End::rejected && end != L4End::refused;
  worker_.access_log()->write(record);
}

}  // namespace weir::proxy
