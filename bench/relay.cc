// bench_relay: what a hop costs at the least. It reads and writes, twice each a request, and knows
// nothing of HTTP: one connection to a backend for each of its clients, in turn over the backends.
//
//   bench_relay PORT BACKEND_PORT...
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bench/loop.h"
#include "bench/socket.h"

namespace weir::bench {
namespace {

constexpr std::size_t kScratch = 64 * 1024;

class Pair;

// One of the two sockets of a pair.
class Side final : public Ready {
 public:
  Side(Pair& pair, Fd fd) : socket(std::move(fd)), pair_(pair) {}
  void on_ready(std::uint32_t events) override;

  Fd socket;
  std::string unsent;     // what this socket's kernel buffer did not take
  bool readable = false;  // bytes may be left here, because the other side was full

 private:
  Pair& pair_;
};

// A client and its backend. It frees itself a turn later than it ends, for the batch of events may
// still hold one for the other side.
class Pair {
 public:
  Pair(Loop& loop, Fd client, Fd backend)
      : client_(*this, std::move(client)), backend_(*this, std::move(backend)) {
    loop.watch(client_.socket, client_);
    loop.watch(backend_.socket, backend_);
  }

  void on_ready(Side& side, std::uint32_t events) {
    if (over_) return;
    Side& other = &side == &client_ ? backend_ : client_;
    if (!side.unsent.empty() && (events & EPOLLOUT)) {
      std::string_view rest = side.unsent;
      if (!send_some(side.socket, rest)) return end();
      side.unsent.erase(0, side.unsent.size() - rest.size());
      if (side.unsent.empty() && other.readable) move(other, side, true);
    }
    const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLIN) || ends) move(side, other, ends);
  }
  bool over() const { return over_; }

 private:
  void move(Side& from, Side& to, bool to_the_end) {
    static std::vector<char> scratch(kScratch);
    while (!over_) {
      from.readable = !to.unsent.empty();
      if (from.readable) return;
      const ssize_t got = ::recv(from.socket.get(), scratch.data(), scratch.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return end();
      std::string_view bytes(scratch.data(), static_cast<std::size_t>(got));
      if (!send_some(to.socket, bytes)) return end();
      to.unsent.assign(bytes);
      if (static_cast<std::size_t>(got) < scratch.size() && !to_the_end) return;
    }
  }
  void end() {
    over_ = true;
    client_.socket.reset();
    backend_.socket.reset();
  }

  Side client_;
  Side backend_;
  bool over_ = false;
};

void Side::on_ready(std::uint32_t events) { pair_.on_ready(*this, events); }

class Relay final : public Ready {
 public:
  Relay(Loop& loop, Fd listener, std::vector<std::uint16_t> backends)
      : loop_(loop), listener_(std::move(listener)), backends_(std::move(backends)) {
    loop_.watch(listener_, *this);
  }
  void on_ready(std::uint32_t) override {
    while (Fd client = accept_from(listener_)) {
      auto backend = connect_to(backends_[turn_++ % backends_.size()]);
      if (!backend) continue;
      pairs_.push_back(std::make_unique<Pair>(loop_, std::move(client), *std::move(backend)));
    }
  }
  // Between two turns.
  void sweep() {
    if (turn_ == swept_) return;
    std::erase_if(pairs_, [](const auto& pair) { return pair->over(); });
    swept_ = turn_;
  }

 private:
  Loop& loop_;
  Fd listener_;
  const std::vector<std::uint16_t> backends_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::size_t turn_ = 0;
  std::size_t swept_ = 0;  // `turn_` at the last sweep: each new connection pays for one
};

Result<std::vector<std::uint16_t>> parse_ports(int count, char** words) {
  std::vector<std::uint16_t> ports;
  for (int i = 1; i < count; ++i) {
    std::uint16_t port = 0;
    const char* end = words[i] + std::strlen(words[i]);
    const auto [rest, error] = std::from_chars(words[i], end, port);
    if (error != std::errc() || rest != end || port == 0) {
      return fail(Code::invalid, fmt::format("not a port: {}", words[i]));
    }
    ports.push_back(port);
  }
  if (ports.size() < 2) return fail(Code::invalid, "usage: bench_relay PORT BACKEND_PORT...");
  return ports;
}

Result<> run(int count, char** words) {
  TRY(auto ports, parse_ports(count, words));
  TRY(auto listener, listen_on(ports.front()));
  ports.erase(ports.begin());
  Loop loop(system_clock());
  Relay relay(loop, std::move(listener), std::move(ports));
  for (;;) {
    loop.turn(kNever);
    relay.sweep();
  }
}

}  // namespace
}  // namespace weir::bench

int main(int count, char** words) {
  const auto ran = weir::bench::run(count, words);
  if (ran) return 0;
  fmt::print(stderr, "bench_relay: {}\n", ran.error().message);
  return 2;
}
