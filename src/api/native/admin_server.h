// AdminServer: the admin listener: a TCP address and a Unix socket, behind the guard.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/aws/door.h"
#include "api/aws/world.h"
#include "api/native/guard.h"
#include "api/native/router.h"
#include "base/result.h"
#include "base/scope.h"
#include "base/task.h"
#include "control/control.h"
#include "http/exchange.h"
#include "net/background.h"
#include "net/fd.h"
#include "net/listen.h"
#include "net/reactor.h"
#include "observe/metrics.h"

namespace weir::api {

struct Options {
  std::string version;
  // POST /api/v1/stop: called after the answer has been sent; may stop the server.
  std::function<void(bool instances)> on_stop;
  // POST /api/v1/takeover: a successor, which the guard has let in.
  std::function<void(net::Fd)> on_takeover = {};
};

// Listening descriptors of an earlier weir: taken where the configuration says the same.
struct HandedAdmin {
  std::string bind;
  net::Fd tcp;
  std::string socket;
  net::Fd unix_socket;
};

// Where the Unix socket is: admin.socket, else weir.sock beside the state file.
std::string socket_path(const Admin& admin, const State& state);

// Lives on the control thread; stop() before its end.
class AdminServer final : public http::Handler {
 public:
  AdminServer(net::Reactor& reactor, control::Control& control, observe::Registry& registry,
              Options options);
  ~AdminServer() override;

  // Opens both; on an error neither is served. An empty admin.bind: the Unix socket alone.
  Result<> listen(const Admin& admin, const State& state, HandedAdmin handed = {});
  // For a successor: what listens, and its descriptors in this order, appended.
  void handed(std::string& bind, std::string& socket, std::vector<int>& fds) const;
  // As stop(), but the socket file is the successor's.
  Task<> leave();
  const std::string& unix_path() const { return unix_path_; }
  std::uint16_t port() const { return port_; }  // of the TCP listener; 0 without
  // Its AWS resources: to be loaded once control has started.
  amazon::World& world() { return world_; }
  // Accepts nothing more, lets what is being answered end for a second, and waits.
  Task<> stop();

  Task<> handle(http::Exchange& exchange) override;
  const http::H1Settings& settings() const override { return settings_; }

 private:
  struct Session;
  Result<> listen_tcp(const Admin& admin);
  Result<> listen_unix(const std::string& path);
  void accepted(net::Fd fd, const net::Address& peer);
  Task<> session(net::Owned<net::Stream> stream, http::Peer peer);
  std::optional<Answer> too_early_or_late(Need need, Operation operation) const;
  Task<Answer> answer(http::Exchange& exchange);
  Task<> give_away(http::Exchange& exchange, const Answer& said);

  net::Reactor& reactor_;
  net::Background files_;
  Context context_;
  http::H1Settings settings_;
  Door door_;
  amazon::World world_;
  amazon::Door aws_;
  net::Fd tcp_;
  net::Fd unix_;
  std::string bind_;
  std::string unix_path_;
  unsigned long unix_inode_ = 0;  // of the socket file while it is ours
  std::uint16_t port_ = 0;
  std::vector<net::Owned<net::Acceptor>> acceptors_;
  Session* first_session_ = nullptr;
  Scope sessions_;
};

}  // namespace weir::api
