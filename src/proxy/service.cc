#include "proxy/service.h"

#include "base/check.h"
#include "proxy/forward.h"
#include "proxy/metrics.h"
#include "proxy/request_id.h"
#include "proxy/worker.h"
#include "route/actions.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

RequestView view_of(const http::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  RequestView view;
  view.method = head.method;
  view.host = head.host;
  view.port = head.port ? head.port : exchange.peer().local_port;
  view.path = head.path;
  view.query = head.query;
  view.headers = head.fields.list;
  view.source = exchange.peer().ip;
  return view;
}

}  // namespace

Service::Service(Worker& worker, std::shared_ptr<const BoundListener> listener)
    : worker_(worker),
      load_(listener->load),
      connections_(worker.sheet().counter(metrics::connections_total, {listener->name})) {
  update(std::move(listener));
}

Service::Version::Version(std::shared_ptr<const BoundListener> l)
    : listener(std::move(l)), table(static_cast<const route::Table&>(*listener->matcher)) {
  std::size_t routes_so_far = 0;
  const auto add = [&](const Action& action) {
    first_route.push_back(static_cast<std::uint32_t>(routes_so_far));
    if (const auto* forward = std::get_if<Forward>(&action)) {
      routes_so_far += forward->groups.size();
    }
  };
  for (const Rule& rule : table.rules()) add(rule.action);
  add(table.action(route::Table::kDefault));
  routes.resize(routes_so_far);
}

Service::Route& Service::Version::route(int matched, const Forward& forward,
                                        const Forward::Share& share) {
  const std::size_t rule = matched == route::Table::kDefault ? first_route.size() - 1
                                                             : static_cast<std::size_t>(matched);
  return routes[first_route[rule] + static_cast<std::size_t>(&share - forward.groups.data())];
}

void Service::update(std::shared_ptr<const BoundListener> listener) {
  if (version_ && version_->listener == listener) return;
  version_ = make_local<Version>(std::move(listener));
  settings_.limits = version_->listener->options.limits;
  settings_.keep_half_closed = version_->listener->options.keep_half_closed;
}

void Service::refused(std::uint16_t status, const char* reason) {
  worker_.sheet().counter(metrics::refused_total, {name(), std::to_string(status)}).add();
  if (!worker_.access_log()) return;
  observe::AccessRecord record;
  record.time = worker_.reactor().clock().wall();
  record.listener = name();
  record.status = status;
  record.action = "refused";
  record.reason = reason;
  worker_.access_log()->write(record);
}

Service::Codes& Service::codes_of(std::string_view group) {
  const auto found = codes_.find(group);
  return found != codes_.end() ? found->second : codes_[std::string(group)];
}

void Service::count(Codes& codes, std::string_view group, std::uint16_t status) {
  const std::size_t index = std::min<std::size_t>(status / 100, 5);
  observe::Counter*& cell = codes.by_class[index];
  if (!cell) {
    cell = &worker_.sheet().counter(metrics::requests_total,
                                    {name(), std::string(group), std::string(kClasses[index])});
  }
  cell->add();
}

http::Forwarded Service::forwarded(const http::Peer& peer, const RequestIds& ids, IpText& client) {
  if (peer.local_port != port_) {
    port_ = peer.local_port;
    port_text_ = std::to_string(port_);
  }
  return {write_ip(peer.ip, client), "http", port_ ? std::string_view(port_text_) : "",
          ids.request_id(), ids.traceparent()};
}

Task<> Service::handle(http::Exchange& exchange) {
  const RequestView view = view_of(exchange);
  observe::AccessRecord record;
  const Local<Version> version = version_;  // this request is decided by one
  const int matched = version->table.match(view);
  const Action& action = version->table.action(matched);
  const RequestIds ids(worker_.random());
  Codes* codes = nullptr;
  if (const auto* forward = std::get_if<Forward>(&action)) {
    record.action = "forward";
    const Forward::Share* share = forward->groups.size() == 1
                                      ? &forward->groups[0]
                                      : route::choose_share(*forward, worker_.random());
    Local<WorkerGroup> target;
    if (share) {
      record.group = share->group;
      Route& route = version->route(matched, *forward, *share);
      if (!route.codes) route.codes = &codes_of(share->group);
      codes = route.codes;
      target = worker_.group(share->group, route.slot);
    }
    if (target) {
      IpText client;
      const http::Forwarded added = forwarded(exchange.peer(), ids, client);
      const std::uint64_t key = target->plan->key(view);
      Hop hop(worker_, exchange, std::move(target), added, record, worker_.reactor().now());
      co_await proxy::forward(hop, key);
    } else {  // removed meanwhile; the next version of the listener does not name it
      record.reason = "no such target group";
      co_await exchange.respond(503, "text/plain", "no such target group\n");
    }
  } else if (const auto* redirect = std::get_if<Redirect>(&action)) {
    record.action = "redirect";
    const std::string location = route::redirect_location(*redirect, view);
    const HeaderView add[] = {{"Location", location}};
    co_await exchange.respond(redirect->status, "", "", add);
  } else {
    record.action = "fixed_response";
    const auto& respond = std::get<Respond>(action);
    co_await exchange.respond(respond.status, respond.content_type, respond.body);
  }
  count(codes ? *codes : codes_of(record.group), record.group, exchange.status());
  if (worker_.access_log()) {
    record.listener = version->listener->name;
    write_record(exchange, ids, record);
  }
}

void Service::write_record(const http::Exchange& exchange, const RequestIds& ids,
                           observe::AccessRecord& record) {
  const http::RequestHead& head = exchange.request();
  const http::Peer& peer = exchange.peer();
  const auto header = [&](http::Known known, std::string_view otherwise) {
    return head.fields.has(known) ? head.fields.get(known) : otherwise;
  };
  record.time = worker_.reactor().clock().wall() - record.total;  // when it had been read
  record.client = peer.uid != ~0u ? "unix" : to_string(peer.ip) + ":" + std::to_string(peer.port);
  record.method = head.method;
  record.target = head.target;
  record.protocol = head.fields.h2 ? "HTTP/2.0" : head.minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  record.host = head.authority;
  record.request_id = header(http::Known::x_request_id, ids.request_id());
  record.trace = header(http::Known::traceparent, ids.traceparent());
  for (const HeaderView& field : head.fields.list) {
    if (equal_ignoring_case(field.name, "user-agent")) record.user_agent = field.value;
  }
  record.status = exchange.status();
  record.bytes_in = exchange.bytes_in();
  record.bytes_out = exchange.bytes_out();
  worker_.access_log()->write(record);
}

}  // namespace weir::proxy
