// Server: the running program: control thread, workers, health monitor, admin doors.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/native/admin_server.h"
#include "app/signals.h"
#include "app/successor.h"
#include "app/takeover.h"
#include "base/scope.h"
#include "base/service_manager.h"
#include "control/control.h"
#include "health/monitor.h"
#include "net/reactor.h"
#include "observe/access_record.h"
#include "observe/metrics.h"
#include "proxy/data_plane.h"

namespace weir::app {

// Lives on the thread that runs it, which is the control thread.
class Server {
 public:
  Server(std::string path, const Desired& desired, std::unique_ptr<state::Store> store,
         std::shared_ptr<observe::AccessLog> access_log, std::vector<net::Inherited> inherited,
         const ServiceManager& manager, std::optional<Inheritance> inheritance);
  ~Server();

  // To the end. The exit status.
  int run(Loaded loaded);

 private:
  proxy::Hooks proxy_hooks();
  health::Hooks health_hooks();
  control::Outside outside();
  Task<> start(Loaded loaded);
  Task<> reload();
  void on_signal(int signal);
  void on_stop(bool instances);
  Task<> shut_down(bool instances);
  Task<std::size_t> connections_left();
  // handing_over.cc
  void on_takeover(net::Fd fd);
  void start_successor();
  Task<> hand_over(net::Fd fd);
  Task<bool> say_all(net::Stream& link);
  Task<> last_streams(net::Stream& link);
  Task<bool> settle_in();
  Task<> follow();

  std::string path_;
  const ServiceManager& manager_;
  net::Reactor reactor_;
  observe::Registry registry_;
  std::shared_ptr<observe::AccessLog> access_log_;
  proxy::DataPlane plane_;
  health::Monitor monitor_;
  control::Control control_;
  api::AdminServer admin_;
  Signals signals_;
  CommandLine command_line_ = CommandLine::of_this_process();
  std::optional<Inheritance> inheritance_;
  net::Owned<net::Stream> link_;  // to the earlier weir
  net::Fd successor_;
  net::Owned<net::Watch> successor_watch_;
  Scope tasks_;
  int status_ = 0;
  bool stopping_ = false;
  bool hurry_ = false;  // told twice to stop
  bool handing_over_ = false;
  bool following_ = false;  // the earlier weir still drains
};

}  // namespace weir::app
