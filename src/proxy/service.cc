#include "proxy/service.h"

#include "base/check.h"
#include "base/log.h"
#include "proxy/forward.h"
#include "proxy/metrics.h"
#include "proxy/request_id.h"
#include "proxy/special.h"
#include "proxy/worker.h"
#include "route/actions.h"
#include "route/group_cookie.h"

namespace weir::proxy {
namespace {

constexpr Duration kTellPause = 10s;  // at least, between two log lines of paused accepting
constexpr std::string_view kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

RequestView view_of(const http::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  RequestView view;
  view.method = head.method;
  if (exchange.codec()) view.scheme = "https";
  view.host = head.host;
  view.port = head.port ? head.port : exchange.peer().local_port;
  view.path = head.path;
  view.query = head.query;
  view.headers = head.fields.list;
  view.source = exchange.peer().ip;
  return view;
}

Task<> respond_limited(http::Exchange& exchange, const RateLimits::Refusal& refusal) {
  const HeaderView add[] = {{"Retry-After", refusal.retry_after},
                            {"RateLimit-Policy", refusal.policy},
                            {"RateLimit", refusal.limit}};
  co_await exchange.respond(429, "text/plain", "too many requests\n", add);
}

}  // namespace

Service::Service(Worker& worker, std::shared_ptr<const BoundListener> listener)
    : worker_(worker),
      load_(listener->load),
      connections_(worker.sheet().counter(metrics::connections_total, {listener->name})) {
  update(std::move(listener));
}

Service::Version::Version(std::shared_ptr<const BoundListener> l, Worker& worker)
    : listener(std::move(l)),
      table(static_cast<const route::Table&>(*listener->matcher)),
      limits(RateLimits::make(*listener, table, worker.commons(), worker.sheet())) {
  observe::Sheet& sheet = worker.sheet();
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
  const auto& all = table.rules();
  if (std::all_of(all.begin(), all.end(), [](const Rule& r) { return r.name.empty(); })) return;
  for (const Rule& rule : all) {
    rules.push_back(rule.name.empty() ? nullptr
                                      : &sheet.counter(metrics::rule_requests_total,
                                                       {listener->name, rule.name}));
  }
}

Service::Route& Service::Version::route(int matched, const Forward& forward,
                                        const Forward::Share& share) {
  const std::size_t rule = matched == route::Table::kDefault ? first_route.size() - 1
                                                             : static_cast<std::size_t>(matched);
  return routes[first_route[rule] + static_cast<std::size_t>(&share - forward.groups.data())];
}

void Service::update(std::shared_ptr<const BoundListener> listener) {
  if (version_ && version_->listener == listener) return;
  version_ = make_local<Version>(std::move(listener), worker_);
  settings_.limits = version_->listener->options.limits;
  settings_.keep_half_closed = version_->listener->options.keep_half_closed;
}

void Service::accept_paused(const char* cause) {
  if (cause && !paused_) {
    worker_.sheet().counter(metrics::accept_paused_total, {name(), cause}).add();
    const Time now = worker_.reactor().now();
    if (now >= tell_pause_) {
      LOG(warn, "accepting stopped, new connections wait", {"listener", name()}, {"for", cause});
      tell_pause_ = now + kTellPause;
    }
  }
  paused_ = cause;
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

void Service::deny(const http::Peer& peer) {
  worker_.sheet().counter(metrics::denied_total, {name(), "accept"}).add();
  if (!worker_.access_log()) return;
  observe::AccessRecord record;
  record.time = worker_.reactor().clock().wall();
  record.listener = name();
  record.client = to_string(peer.ip) + ":" + std::to_string(peer.port);
  record.action = "refused";
  record.reason = "the access list of the listener";
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

http::Forwarded Service::forwarded(const http::Exchange& exchange, const RequestIds& ids,
                                   IpText& client) {
  const http::Peer& peer = exchange.peer();
  if (peer.local_port != port_) {
    port_ = peer.local_port;
    port_text_ = std::to_string(port_);
  }
  const auto* codec = static_cast<const tls::Codec*>(exchange.codec());
  http::Forwarded added;
  added.client = write_ip(peer.ip, client);
  added.scheme = codec ? "https" : "http";
  if (port_) added.port = port_text_;
  added.request_id = ids.request_id();
  added.traceparent = ids.traceparent();
  if (codec) added.more = codec->identity();
  return added;
}

Task<> Service::handle(http::Exchange& exchange) {
  const RequestView view = view_of(exchange);
  observe::AccessRecord record;
  const Local<Version> version = version_;  // this request is decided by one
  const int rule = version->table.match(view);
  const Action& action = version->table.action(rule);
  const route::Extras* extras = version->table.extras(rule);
  if (rule >= 0 && !version->rules.empty() && version->rules[static_cast<std::size_t>(rule)]) {
    version->rules[static_cast<std::size_t>(rule)]->add();
  }
  const RequestIds ids(worker_.random());
  Codes* codes = nullptr;
  // The listener's list may be another than when this client connected.
  const bool expelled = !version->table.access().admits(view.source);
  const bool denied = expelled || (extras && !extras->access.admits(view.source));
  const auto refusal = !denied && version->limits
                           ? version->limits->refuse(rule, view, worker_.reactor().now())
                           : nullptr;
  if (denied) {
    record.action = "denied";
    record.reason = expelled ? "the access list of the listener" : "the access list of the rule";
    const char* const at = expelled ? "listener" : "rule";
    worker_.sheet().counter(metrics::denied_total, {version->listener->name, at}).add();
    const OwnAnswer answer(extras, view);
    co_await exchange.respond(403, "text/plain", "access denied\n", answer.lines(), expelled);
  } else if (refusal) {
    record.action = "rate_limited";
    co_await respond_limited(exchange, *refusal);
  } else if (const auto* forward = std::get_if<Forward>(&action)) {
    record.action = "forward";
    std::vector<std::string> cookies;
    const Forward::Share* share = forward->groups.size() == 1
                                      ? &forward->groups[0]
                                      : choose_share(*version, *forward, view, cookies);
    Local<WorkerGroup> target;
    if (share) {
      record.group = share->group;
      Route& route = version->route(rule, *forward, *share);
      if (!route.codes) route.codes = &codes_of(share->group);
      codes = route.codes;
      target = worker_.group(share->group, route.slot);
    }
    if (target) {
      IpText client;
      const http::Forwarded added = forwarded(exchange, ids, client);
      const std::uint64_t key = target->plan->key(view);
      const bool special = extras || target->group->sticky || !cookies.empty();
      Hop hop(worker_, exchange, std::move(target), added, record, worker_.reactor().now(),
              version->rule(rule));
      if (special) {
        co_await forward_special(hop, key, view, extras, std::move(cookies));
      } else {
        co_await proxy::forward(hop, key);
      }
    } else {  // removed meanwhile; the next version of the listener does not name it
      record.reason = "no such target group";
      co_await exchange.respond(503, "text/plain", "no such target group\n");
    }
  } else if (const auto* redirect = std::get_if<Redirect>(&action)) {
    record.action = "redirect";
    const std::string location = route::redirect_location(*redirect, view);
    const HeaderView add[] = {{"Location", location}};
    const OwnAnswer answer(extras, view, add);
    co_await exchange.respond(redirect->status, "", "", answer.lines());
  } else {
    record.action = "fixed_response";
    const auto& respond = std::get<Respond>(action);
    const OwnAnswer answer(extras, view);
    co_await exchange.respond(respond.status, respond.content_type, respond.body, answer.lines());
  }
  count(codes ? *codes : codes_of(record.group), record.group, exchange.status());
  if (worker_.access_log()) {
    record.listener = version->listener->name;
    record.priority = version->table.priority(rule);
    if (rule >= 0) record.rule = version->table.rules()[static_cast<std::size_t>(rule)].name;
    write_record(exchange, ids, record);
  }
}

const Forward::Share* Service::choose_share(const Version& version, const Forward& forward,
                                            const RequestView& view,
                                            std::vector<std::string>& cookies) {
  if (forward.stickiness <= 0s) return route::choose_share(forward, worker_.random());
  const SipKey& key = version.listener->cookie_key;
  const WallTime now = worker_.reactor().clock().wall();
  const Forward::Share* share = route::remembered_share(forward, view, key, now);
  if (!share) share = route::choose_share(forward, worker_.random());
  if (share) {
    for (std::string& line : route::group_cookies(forward, share->group, key, now)) {
      cookies.push_back(std::move(line));
    }
  }
  return share;
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
  if (const auto* codec = static_cast<const tls::Codec*>(exchange.codec())) {
    record.tls_version = codec->version();
    record.tls_cipher = codec->cipher();
  }
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
