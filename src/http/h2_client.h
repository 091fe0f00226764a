// H2Client: the client's side of one HTTP/2 connection, to an endpoint; H2Calls are its streams.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/local.h"
#include "base/scope.h"
#include "http/h2_session.h"
#include "net/address.h"

namespace weir::http {

class H2Call;

// What became of making a connection secure.
struct Secured {
  net::Io status = net::Io::ok;
  const char* reason = "";  // why not; static text
};
using Secure = std::function<Task<Secured>(net::Stream&, net::Deadline)>;

// Lives on one reactor; kept by its calls and by its own task.
class H2Client final : public H2Session, public Counted {
 public:
  // Connects; calls may be made meanwhile. `scope` holds its task, which ends when `stop` is raised
  // or, once let_go(), with the last call. `secure`: before the first byte; may be empty.
  static Local<H2Client> connect(net::Reactor& reactor, const net::Address& address,
                                 Duration patience, Scope& scope, net::Interrupt& stop,
                                 Secure secure = {});
  static Local<H2Client> adopt(net::Owned<net::Stream> stream, Scope& scope, net::Interrupt& stop);
  explicit H2Client(net::Reactor& reactor);

  // Another call may begin now.
  bool has_room() const;
  bool alive() const { return state_ == State::connecting || state_ == State::open; }
  bool connecting() const { return state_ == State::connecting; }
  // How connecting ended, once not connecting; why it was not made secure, if that was it, or "".
  const Secured& connected() const { return connected_; }
  // Of its requests: http or https.
  std::string_view scheme() const { return scheme_; }
  // The endpoint has announced that it takes no more.
  bool going_away() const { return going_away_; }
  // Its settings have come.
  bool introduced() const { return introduced_; }
  bool takes_web_sockets() const;
  std::uint32_t calls() const { return calls_; }
  Time idle_since() const { return idle_since_; }
  // No further call; ends after the last one.
  void let_go();

 private:
  friend class H2Call;
  enum class State : std::uint8_t { connecting, open, over };
  void on_settings() override;
  void on_goaway() override { going_away_ = true; }
  void on_flushed() override;
  void call_ended();
  Task<> run(Local<H2Client> self, net::Address address, Duration patience, net::Interrupt* stop,
             Secure secure);
  Task<> serve(Local<H2Client> self, net::Owned<net::Stream> stream, net::Interrupt* stop);
  void wake_calls();

  State state_ = State::connecting;
  Secured connected_;
  std::string_view scheme_ = "http";
  std::uint32_t calls_ = 0;
  Time idle_since_;
  bool going_away_ = false;
  bool introduced_ = false;
  bool let_go_ = false;
};

// The connections of one worker to one endpoint.
class H2Pool {
 public:
  // Outlived by what is passed.
  H2Pool(net::Reactor& reactor, Scope& scope, net::Interrupt& stop)
      : reactor_(reactor), scope_(scope), stop_(stop) {}
  ~H2Pool() { clear(); }

  // One with room; null: there is none.
  Local<H2Client> find();
  Local<H2Client> open(const net::Address& address, Duration patience, Secure secure = {});
  // Lets go of what has been idle since before that.
  void sweep(Time since);
  void clear();
  std::size_t size() const { return clients_.size(); }

 private:
  net::Reactor& reactor_;
  Scope& scope_;
  net::Interrupt& stop_;
  std::vector<Local<H2Client>> clients_;
};

}  // namespace weir::http
