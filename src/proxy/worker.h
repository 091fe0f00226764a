// Worker: one data-plane thread: its loop, its listeners, its groups and connections.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/local.h"
#include "base/random.h"
#include "base/scope.h"
#include "model/snapshot.h"
#include "net/descriptors.h"
#include "net/listen.h"
#include "net/reactor.h"
#include "observe/access_record.h"
#include "observe/metrics.h"
#include "proxy/commons.h"
#include "proxy/context.h"
#include "proxy/held_body.h"
#include "proxy/hooks.h"
#include "proxy/mirror.h"

namespace weir::proxy {

class Layer4;
class Service;
class Udp;

inline constexpr http::HeadLimits kEndpointHeadLimits{64 * 1024, 200};

// A descriptor to accept from.
struct Socket {
  std::string listener;
  int fd = -1;
  bool shared = false;  // with other workers
  std::uint16_t port = 0;
};

// What all workers share. Outlives them.
struct Common {
  const Clock& clock;
  Hooks hooks;
  std::shared_ptr<observe::AccessLog> access_log;  // null: none; set before the workers start
  // The room of a group; made at first use.
  std::function<std::shared_ptr<Room>(const Group&)> room;
  Commons commons;
};

// All but start, post, join: on its own thread.
class Worker {
 public:
  Worker(Common& common, observe::Sheet& sheet, std::uint64_t seed, int index);
  ~Worker();

  void start();
  void post(std::function<void()> message) { reactor_.post(std::move(message)); }
  void join();

  // The next version, and the descriptors this worker accepts from.
  void apply(std::shared_ptr<const Snapshot> snapshot, std::vector<Socket> sockets);
  // Accepts nothing more; connections end after what they are serving.
  // `gently`: idle ones after the next answer, until drain() without it.
  void drain(bool gently = false);
  // Connections open, for the end of a drain.
  std::size_t connections() const { return sessions_.running(); }
  void abort_connections();

  // While it lives, `broken` is raised when the worker stops.
  class Breakable {
   public:
    Breakable(Worker& worker, net::Interrupt& broken) : worker_(worker), broken_(broken) {
      worker_.breakable_.insert(&broken_);
    }
    Breakable(const Breakable&) = delete;
    Breakable& operator=(const Breakable&) = delete;
    ~Breakable() { worker_.breakable_.erase(&broken_); }

   private:
    Worker& worker_;
    net::Interrupt& broken_;
  };

  net::Reactor& reactor() { return reactor_; }
  Random& random() { return random_; }
  observe::Sheet& sheet() { return sheet_; }
  observe::AccessLog* access_log() const { return common_.access_log.get(); }

  // Null when there is none of that name. `slot`: where it was found last.
  Local<WorkerGroup> group(std::string_view name, std::uint32_t& slot);
  // Exchanges a group held across a wait for its present version. False when it has none.
  bool refresh(Local<WorkerGroup>& group);
  // `adaptive`: with a learned limit.
  Local<WorkerEndpoint> endpoint(const std::shared_ptr<const Endpoint>& endpoint, bool adaptive);
  // The connections of HTTP/2 to an endpoint.
  http::H2Pool& h2_pool(WorkerEndpoint& endpoint);
  BodyBudget& body_budget() { return body_budget_; }
  // Counts as a connection until it ends.
  void spawn(Task<> task) { sessions_.spawn(std::move(task)); }
  Commons& commons() { return common_.commons; }
  // Not one more descriptor can be opened.
  bool out_of_descriptors() const;
  MirrorBudget& mirrors() { return mirrors_; }
  Scope& background() { return background_; }
  // A slot was given back.
  void released(const Group& group, const Endpoint& endpoint);
  // Somebody began to wait where nobody did.
  void queue_started(const Group& group);
  void ejected(const Group& group, const Endpoint& endpoint, std::string_view why, Duration length);
  // Closes what is kept unused to the endpoints of the group.
  void close_idle(const Group& group);
  // Cuts what is under way at the endpoint.
  void cut(const Endpoint& endpoint);

 private:
  struct Session;
  std::vector<Local<WorkerGroup>> apply_groups(const Snapshot& snapshot);
  void apply_endpoints(const Snapshot& snapshot);
  void apply_listeners(const Snapshot& snapshot, std::vector<Socket> sockets);
  void accept_from(const Socket& socket);
  // Of listeners that are not read as HTTP (worker_layer4.cc).
  void apply_layer4(const Snapshot& snapshot, const std::vector<Socket>& sockets);
  bool accept_layer4(const Socket& socket);
  bool is_datagrams(const Socket& socket) const;
  // What comes before the first byte that is served.
  Task<> introduce(Local<Service> service, net::Fd fd, http::Peer who);
  void open_session(Local<Service> service, net::Fd fd, const http::Peer& who);
  void wake_rooms();
  bool may_accept(Service& service, int fd);
  // Those that are ending.
  void drain_sessions(bool gently = false);
  void accepted(Local<Service> service, net::Fd fd, const net::Address& peer, std::uint16_t port);
  Task<> shake(Local<Service> service, net::Owned<net::Stream> stream, http::Peer who);
  // weir accepts nothing more, or not for this listener.
  bool ending(const Service& service) const;
  void begin(const Local<Service>& service, net::Owned<net::Stream> stream, const http::Peer& who);
  static Scope::Job serve(Scope& scope, std::unique_ptr<Session> session);
  Task<> sweep();

  Common& common_;
  observe::Sheet& sheet_;
  Random random_;
  int index_;
  net::Reactor reactor_;
  std::thread thread_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<Local<WorkerGroup>> groups_;  // by Group::slot
  std::map<std::string, std::uint32_t, std::less<>> group_slots_;
  std::vector<Local<WorkerEndpoint>> endpoints_;  // by Endpoint::slot
  std::map<std::string, Local<Service>> services_;
  std::map<std::string, Local<Layer4>> layer4_;
  std::map<std::string, Local<Udp>> udp_;
  bool note_local_ip_ = false;  // some group tells its endpoints where clients connect to
  struct Accepting {
    Socket socket;
    net::Owned<net::Acceptor> acceptor;
    bool layer4 = false;
  };
  std::vector<Accepting> acceptors_;
  Session* first_session_ = nullptr;
  std::set<net::Interrupt*> breakable_;
  BodyBudget body_budget_;
  net::DescriptorGuard descriptors_;
  MirrorBudget mirrors_;
  Scope sessions_;
  Scope background_;
  net::Interrupt closing_;
  bool draining_ = false;
};

}  // namespace weir::proxy
