// Server: hands over to a successor, or takes over from an earlier weir (docs/guide/upgrades.md).
//
// Over the Unix admin socket, after the 101: a line with what there is, the descriptors, then the
// successor's "ready" once it could serve, answered by "go" (or "no"); then, as it changes, a line
// with what is in flight here, until the last stream has ended.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "app/server.h"
#include "app/weir_version.h"
#include "base/log.h"
#include "net/pass_fds.h"

namespace weir::app {
namespace {

constexpr Duration kReady = 30s;    // for the successor to be able to serve
constexpr Duration kAnswer = 40s;   // longer: who says "go" decides
constexpr Duration kCatchUp = 1s;   // for names to be resolved
constexpr Duration kStep = 20ms;    // between two looks at what is left
constexpr Duration kGentle = 5s;    // in which clients learn from an answer that it is the last
constexpr Duration kLineTime = 5s;  // for a line to be taken
constexpr std::size_t kMostLine = 64 * 1024 * 1024;

pid_t peer_of(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

// The next line, without its end; nothing when none came in time, or the other side has gone.
class Lines {
 public:
  Lines(net::Stream& stream, net::Reactor& reactor) : stream_(stream), reactor_(reactor) {}
  Task<bool> next(Duration patience, std::string& line) {
    const Time end = patience == 0ns ? kNever : reactor_.clock().now() + patience;
    while (bytes_.find('\n') == std::string::npos) {
      const net::Deadline deadline(end);
      const net::Read got = co_await stream_.read(deadline);
      if (got.status != net::Io::ok || bytes_.size() > kMostLine) {
        ended_ = got.status != net::Io::timeout;
        co_return false;
      }
      bytes_.append(got.bytes.data(), got.bytes.size());
    }
    const auto at = bytes_.find('\n');
    line = bytes_.substr(0, at);
    bytes_.erase(0, at + 1);
    co_return true;
  }
  bool ended() const { return ended_; }

 private:
  net::Stream& stream_;
  net::Reactor& reactor_;
  std::string bytes_;
  bool ended_ = false;
};

}  // namespace

// ---------------------------------------------------------------- the earlier one

void Server::on_takeover(net::Fd fd) {
  if (stopping_ || std::exchange(handing_over_, true)) return;  // closed: the successor gives up
  tasks_.spawn(hand_over(std::move(fd)));
}

Task<bool> Server::say_all(net::Stream& link) {
  control::Handover all;
  std::vector<int> fds;
  all.version = kVersion;
  all.state_path = control_.desired().state.path;
  all.listeners = control_.handed(fds);
  all.endpoints = control_.memories();
  all.ticket_keys = control_.tickets().share();
  admin_.handed(all.admin_bind, all.admin_socket, fds);
  const std::string line = to_line(all);
  const net::Deadline deadline(reactor_.clock().now() + kLineTime);
  const net::Io sent = co_await link.write(line, deadline);
  if (sent != net::Io::ok) co_return false;
  for (std::size_t at = 0; at < fds.size();) {
    const std::size_t count = std::min(fds.size() - at, net::kMostPassed);
    const auto passed = net::pass_fds(link.fd(), std::span<const int>(fds).subspan(at, count));
    if (!passed || reactor_.clock().now() > deadline.at) co_return false;
    if (*passed) {
      at += count;
      continue;
    }
    const net::Deadline soon(reactor_.clock().now() + 1ms);
    co_await net::sleep(reactor_, soon);
  }
  co_return true;
}

Task<> Server::hand_over(net::Fd fd) {
  const pid_t pid = peer_of(fd.get());
  net::Owned<net::Stream> link = net::Stream::adopt(reactor_, std::move(fd));
  if (!link) {
    handing_over_ = false;
    co_return;
  }
  LOG(info, "handing over", {"to", pid});
  co_await control_.let_go();
  Lines lines(*link, reactor_);
  std::string said;
  const bool told = co_await say_all(*link);
  const bool answered = co_await lines.next(told ? kReady : 1ms, said);
  const bool going = told && answered && said == "ready" && !stopping_;
  const std::string answer = going ? "go\n" : "no\n";
  const net::Deadline soon(reactor_.clock().now() + kLineTime);
  co_await link->write(answer, soon);
  if (!going) {
    link->close();
    LOG(warn, "the successor failed: serving on", {"pid", pid});
    co_await control_.take_back();
    handing_over_ = false;
    co_return;
  }
  stopping_ = true;
  manager_.tell("MAINPID=" + std::to_string(pid));
  LOG(info, "handed over, draining", {"to", pid});
  control_.succeeded();
  plane_.drain([this] { reactor_.post([this] { control_.close_listeners(); }); }, true);
  co_await admin_.leave();
  // The instances are the successor's now; those that we started are still our children.
  ::signal(SIGCHLD, SIG_IGN);
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  co_await last_streams(*link);
  link->close();
  co_await control_.stop();
  LOG(info, "stopped");
  reactor_.stop();
}

// Tells the successor what is left, until nothing is; what an earlier one still has included.
Task<> Server::last_streams(net::Stream& link) {
  const Duration limit = control_.desired().drain_timeout;
  const Time begin = reactor_.clock().now();
  const Time end = limit > 0ns ? begin + limit : kNever;
  bool gentle = true;
  std::string before;
  while (!hurry_ && reactor_.clock().now() < end) {
    const std::size_t left = co_await connections_left();
    if (left == 0 && !following_) break;
    if (gentle && reactor_.clock().now() - begin > kGentle) {
      gentle = false;
      plane_.drain();
    }
    std::string line = load_line(control_.memories());
    if (line != before && link.open()) {
      const net::Deadline deadline(reactor_.clock().now() + kLineTime);
      const net::Io sent = co_await link.write(line, deadline);
      if (sent != net::Io::ok) link.close();
      before = std::move(line);
    }
    const net::Deadline next(reactor_.clock().now() + kStep);
    co_await net::sleep(reactor_, next);
  }
}

void Server::start_successor() {
  if (stopping_ || handing_over_) return;
  const auto pid = app::start_successor(command_line_, admin_.unix_path(), manager_);
  if (!pid) {
    LOG(error, "successor not started", {"error", pid.error().message});
    return;
  }
  LOG(info, "successor started", {"pid", *pid}, {"program", command_line_.program});
  successor_ = net::Fd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (!successor_) return;
  successor_watch_ =
      net::watch(reactor_, successor_.get(), EPOLLIN, [this, child = *pid](std::uint32_t) {
        int status = 0;
        ::waitpid(child, &status, WNOHANG);
        LOG(error, "successor ended", {"pid", child}, {"status", WEXITSTATUS(status)});
        successor_watch_.reset();
      });
}

// ---------------------------------------------------------------- the next one

// False: the earlier one goes on by itself.
Task<bool> Server::settle_in() {
  const Time end = reactor_.clock().now() + kCatchUp;
  while (!control_.caught_up() && reactor_.clock().now() < end) {
    const net::Deadline soon(reactor_.clock().now() + 5ms);
    co_await net::sleep(reactor_, soon);
  }
  link_ = net::Stream::adopt(reactor_, std::move(inheritance_->link));
  if (!link_) co_return false;
  const std::string ready = "ready\n";
  const net::Deadline soon(reactor_.clock().now() + kLineTime);
  co_await link_->write(ready, soon);
  Lines lines(*link_, reactor_);
  std::string said;
  const bool answered = co_await lines.next(kAnswer, said);
  if (answered && said != "go") co_return false;
  if (!answered && !lines.ended()) co_return false;
  // Killed just then: there is nobody else to serve.
  if (!answered) LOG(warn, "the earlier weir has gone");
  control_.release();
  following_ = answered;
  if (answered) tasks_.spawn(follow());
  co_return true;
}

Task<> Server::follow() {
  Lines lines(*link_, reactor_);
  std::string line;
  while (true) {
    const bool more = co_await lines.next(0ns, line);
    if (!more) break;
    const auto load = control::parse_load(line);
    if (load) control_.share(*load);
  }
  link_->close();
  control_.share({});
  following_ = false;
  LOG(info, "the earlier weir has ended");
}

}  // namespace weir::app
