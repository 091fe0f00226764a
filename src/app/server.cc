#include "app/server.h"

#include <csignal>
#include <thread>
#include <utility>

#include "app/gauges.h"
#include "app/weir_version.h"
#include "base/log.h"
#include "base/random.h"
#include "base/units.h"
#include "proxy/metrics.h"

namespace weir::app {
namespace {

constexpr Duration kStopInstances = 60s;  // for `weir stop --instances`, beyond their own grace
constexpr Duration kDrainLook = 20ms;     // between two looks at the connections that are left

std::uint32_t worker_count(const Desired& desired) {
  if (desired.workers > 0) return desired.workers;
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

Server::Server(std::string path, const Desired& desired, std::unique_ptr<state::Store> store,
               std::shared_ptr<observe::AccessLog> access_log,
               std::vector<net::Inherited> inherited, const ServiceManager& manager,
               std::optional<Inheritance> inheritance)
    : path_(std::move(path)),
      manager_(manager),
      reactor_(system_clock()),
      access_log_(std::move(access_log)),
      plane_(system_clock(), registry_,
             proxy::DataPlane::Options{worker_count(desired), proxy_hooks(), access_log_}),
      monitor_(system_clock(), registry_, system_seed(), health_hooks()),
      control_(reactor_, std::move(store), outside(), std::move(inherited), worker_count(desired)),
      admin_(reactor_, control_, registry_,
             api::Options{kVersion, [this](bool instances) { on_stop(instances); },
                          [this](net::Fd fd) { on_takeover(std::move(fd)); }}),
      signals_(reactor_, [this](int signal) { on_signal(signal); }),
      inheritance_(std::move(inheritance)) {
  // The reader is the admin server, on this thread.
  registry_.collect([this](observe::Samples& samples) {
    add_gauges(samples, control_.status(), access_log_.get());
  });
}

Server::~Server() = default;

// ---------------------------------------------------------------- wiring

proxy::Hooks Server::proxy_hooks() {
  proxy::Hooks hooks;
  hooks.queue_started = [this](const std::string& group) {
    reactor_.post([this, group] { control_.endpoint_changed(group); });
  };
  hooks.drained = [this](const std::string& group, const std::string&) {
    reactor_.post([this, group] { control_.endpoint_changed(group); });
  };
  return hooks;
}

health::Hooks Server::health_hooks() {
  health::Hooks hooks;
  hooks.turned = [this](const std::shared_ptr<const Group>& group, const Endpoint&, Health, Health,
                        const std::string&) {
    reactor_.post([this, name = group->name] { control_.endpoint_changed(name); });
  };
  hooks.relieved = [this](const std::shared_ptr<const Group>& group) { plane_.wake(*group); };
  return hooks;
}

control::Outside Server::outside() {
  control::Outside outside;
  outside.publish = [this](std::shared_ptr<const Snapshot> snapshot,
                           const std::vector<control::OpenListener>& open,
                           std::function<void()> then) {
    std::vector<proxy::ListenerSockets> sockets;
    for (const control::OpenListener& listener : open) {
      sockets.push_back(proxy::ListenerSockets{listener.name, listener.fds, listener.port});
    }
    monitor_.update(snapshot);
    plane_.publish(std::move(snapshot), sockets, [this, then] { reactor_.post(then); });
  };
  outside.latencies = [this](const std::string& group) {
    return registry_.distribution(proxy::metrics::request_seconds, {group});
  };
  outside.counts = [this] {
    control::Counts counts;
    for (auto& [labels, total] : registry_.totals(proxy::metrics::requests_total)) {
      counts.requests.push_back({labels[0], labels[1], labels[2], total});
    }
    for (auto& [labels, total] : registry_.totals(proxy::metrics::connections_total)) {
      counts.connections[labels[0]] = total;
    }
    return counts;
  };
  outside.cut = [this](std::shared_ptr<const Endpoint> endpoint) {
    plane_.cut(std::move(endpoint));
  };
  outside.health_reason = [this](EndpointId endpoint) {
    const auto last = monitor_.last(endpoint);
    return last ? last->reason : std::string();
  };
  outside.relieved = [this](const Group& group) { plane_.wake(group); };
  return outside;
}

// ---------------------------------------------------------------- life

int Server::run(Loaded loaded) {
  plane_.start();
  monitor_.start();
  tasks_.spawn(start(std::move(loaded)));
  reactor_.run();
  monitor_.stop();
  plane_.stop();
  flush_log();
  return status_;
}

Task<> Server::start(Loaded loaded) {
  const Admin admin = loaded.desired.admin;
  const State state = loaded.desired.state;
  if (inheritance_) {
    control_.hold(inheritance_->handover.endpoints);
    control_.tickets().inherit(inheritance_->handover.ticket_keys);
  } else if (const auto listening = admin_.listen(admin, state); !listening) {
    LOG(error, "admin listener not opened", {"error", listening.error().message});
    status_ = 1;
    reactor_.stop();
    co_return;
  }
  const control::Applied applied = co_await control_.start(path_, std::move(loaded));
  if (!applied.good()) {
    for (const Mistake& mistake : applied.mistakes) {
      LOG(error, "not started", {"mistake", to_string(mistake)});
    }
    status_ = 1;
    co_await shut_down(false);
    co_return;
  }
  if (const auto loading = co_await admin_.world().load(); !loading) {
    LOG(error, "AWS resources are not in effect", {"error", loading.error().message});
  }
  if (inheritance_) {
    const bool settled = co_await settle_in();
    if (!settled) {
      LOG(error, "not taken over: the earlier weir goes on");
      status_ = 1;
      co_await shut_down(false);
      co_return;
    }
    api::HandedAdmin handed;
    handed.bind = inheritance_->handover.admin_bind;
    handed.tcp = std::move(inheritance_->admin_tcp);
    handed.socket = inheritance_->handover.admin_socket;
    handed.unix_socket = std::move(inheritance_->admin_unix);
    if (const auto listening = admin_.listen(admin, state, std::move(handed)); !listening) {
      LOG(error, "admin listener not opened", {"error", listening.error().message});
    }
    inheritance_.reset();
  }
  manager_.tell("READY=1");
  LOG(info, "serving", {"version", kVersion}, {"file", path_}, {"workers", plane_.workers()});
}

Task<> Server::reload() {
  manager_.tell("RELOADING=1");
  const control::Applied applied = co_await control_.reload();
  for (const std::string& note : applied.notes) LOG(warn, "reloaded", {"note", note});
  manager_.tell("READY=1");
}

void Server::on_signal(int signal) {
  if (signal == SIGHUP) {
    LOG(info, "reloading", {"signal", "SIGHUP"});
    if (!stopping_) tasks_.spawn(reload());
  } else if (signal == SIGUSR1) {
    if (access_log_) access_log_->reopen();
  } else if (signal == SIGPWR) {
    LOG(warn, "spot instances end soon", {"signal", "SIGPWR"},
        {"instances", control_.interrupt_all()});
  } else if (signal == SIGUSR2) {
    start_successor();
  } else if (stopping_) {
    hurry_ = true;  // told twice: breaks off what is left
  } else {
    LOG(info, "draining", {"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"});
    tasks_.spawn(shut_down(false));
  }
}

void Server::on_stop(bool instances) {
  if (!stopping_) tasks_.spawn(shut_down(instances));
}

Task<std::size_t> Server::connections_left() {
  std::size_t left = 0;
  net::Signal counted(reactor_);
  plane_.count_connections([this, &left, &counted](std::size_t count) {
    reactor_.post([&left, &counted, count] {
      left = count;
      counted.set();
    });
  });
  co_await counted.wait(kNever);
  co_return left;
}

// Accepts nothing more, waits for the last stream, leaves the instances running unless asked.
Task<> Server::shut_down(bool instances) {
  stopping_ = true;
  manager_.tell("STOPPING=1");
  control_.set_draining();
  // Closed, so that a new connection is refused and goes elsewhere, instead of waiting for nobody.
  plane_.drain([this] { reactor_.post([this] { control_.close_listeners(); }); });
  const Duration limit = control_.desired().drain_timeout;
  const Time end = limit > 0ns ? reactor_.clock().now() + limit : kNever;
  while (!hurry_ && reactor_.clock().now() < end) {
    const std::size_t left = co_await connections_left();
    if (left == 0) break;
    const net::Deadline next(reactor_.clock().now() + kDrainLook);
    co_await net::sleep(reactor_, next);
  }
  if (instances) {
    const net::Deadline deadline(reactor_.clock().now() + kStopInstances);
    const bool all = co_await control_.stop_instances(deadline);
    if (!all) {
      LOG(error, "instances still running");
      status_ = 1;
    }
  }
  co_await admin_.stop();
  co_await control_.stop();
  LOG(info, "stopped");
  reactor_.stop();
}

}  // namespace weir::app
