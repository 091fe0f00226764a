// bench_choice: stand-in model servers and an open-loop client on one loop, for bench/balance.py.
// It prints the ports of its servers, then reads commands from standard input:
//
//   server N MS CV SLOTS      from now on server N takes so long (lognormal, coefficient of
//                             variation CV), SLOTS at a time (0: all at once)
//   at SECONDS server ...     the same, so long after the start of the next run
//   run PORT RATE SECONDS DEADLINE_MS SEED
//                             requests at random times (Poisson), so many a second on average; one
//                             that is not answered in DEADLINE_MS (0: none) is given up
//
// and answers each run with a line of JSON. A latency runs from the time at which the request was
// due, so that a client that falls behind hides nothing.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <deque>
#include <functional>
#include <iostream>
#include <memory>
#include <queue>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/connection.h"
#include "bench/histogram.h"
#include "bench/loop.h"

namespace weir::bench {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: models.test\r\nAccept: */*\r\n\r\n";
constexpr Duration kPatience = 20s;  // for the last answers, after the end of the arrivals

// What is due when; each at most once.
class Agenda {
 public:
  void add(Time at, std::function<void()> what) { items_.push({at, ++count_, std::move(what)}); }
  Time next() const { return items_.empty() ? kNever : items_.top().at; }
  void run(Time now) {
    while (!items_.empty() && items_.top().at <= now) {
      const auto what = items_.top().what;
      items_.pop();
      what();
    }
  }

 private:
  struct Item {
    Time at;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const Item& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };
  std::priority_queue<Item> items_;
  std::uint64_t count_ = 0;
};

// One stand-in server: slots, a line in front of them, and a time that each request takes.
class Server final : public Ready {
 public:
  Server(Loop& loop, Agenda& agenda, std::uint64_t seed)
      : loop_(loop), agenda_(agenda), random_(seed) {
    auto listener = listen_on(0);
    CHECK(listener.has_value());
    listener_ = *std::move(listener);
    port_ = local_port(listener_);
    loop_.watch(listener_, *this);
  }

  std::uint16_t port() const { return port_; }
  void set(double ms, double cv, std::size_t slots) {
    const double spread = std::sqrt(std::log(1 + cv * cv));
    time_ = std::lognormal_distribution<>(std::log(ms / 1e3) - spread * spread / 2, spread);
    slots_ = slots;
  }
  void on_ready(std::uint32_t) override {
    while (Fd socket = accept_from(listener_)) {
      auto session = std::make_shared<Session>(*this, std::move(socket));
      session->self = session;
      loop_.watch(session->socket, *session);
    }
  }

 private:
  // One connection of a proxy; keeps itself until it ends.
  struct Session final : Ready {
    Session(Server& s, Fd f) : server(s), socket(std::move(f)) {}
    void on_ready(std::uint32_t events) override {
      char scratch[4096];
      while (socket) {
        const ssize_t got = ::recv(socket.get(), scratch, sizeof scratch, 0);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) return end();
        input.append(scratch, static_cast<std::size_t>(got));
      }
      for (std::size_t at; (at = input.find("\r\n\r\n")) != std::string::npos;) {
        const bool probe = input.starts_with("GET /health");
        input.erase(0, at + 4);
        if (probe) {
          answer();
        } else {
          server.arrived(self);
        }
      }
      if (events & (EPOLLERR | EPOLLHUP)) end();
    }
    void answer() {
      std::string_view text = kAnswer;
      if (socket) send_some(socket, text);
    }
    void end() {
      socket.reset();
      const auto last = std::move(self);
    }
    Server& server;
    Fd socket;
    std::string input;
    std::shared_ptr<Session> self;
  };

  void arrived(std::shared_ptr<Session> session) {
    line_.push_back(std::move(session));
    serve();
  }
  void serve() {
    while (!line_.empty() && (slots_ == 0 || busy_ < slots_)) {
      auto session = std::move(line_.front());
      line_.pop_front();
      if (!session->socket) continue;  // its client has given it up
      ++busy_;
      agenda_.add(loop_.now() + from_seconds(time_(random_)), [this, session] {
        --busy_;
        session->answer();
        serve();
      });
    }
  }

  Loop& loop_;
  Agenda& agenda_;
  std::mt19937_64 random_;
  Fd listener_;
  std::uint16_t port_ = 0;
  std::lognormal_distribution<> time_{-3, 0.1};
  std::size_t slots_ = 0;
  std::size_t busy_ = 0;
  std::deque<std::shared_ptr<Session>> line_;
};

// Requests at random times, each on a connection of its own while it lasts.
class Client final : private Connection::User {
 public:
  Client(Loop& loop, Agenda& agenda, std::uint16_t port, double rate, Duration time,
         Duration deadline, std::uint64_t seed)
      : loop_(loop),
        agenda_(agenda),
        port_(port),
        gap_(rate),
        end_(loop.now() + time),
        deadline_(deadline),
        random_(seed) {}

  std::string run() {
    next_ = loop_.now();
    arrive();
    while (!over()) {
      loop_.turn(agenda_.next());
      agenda_.run(loop_.now());
    }
    const double all = static_cast<double>(std::max<std::uint64_t>(sent_, 1));
    const auto ms = [&](double share) { return seconds(latencies_.percentile(share)) * 1e3; };
    return fmt::format(
        "{{\"requests\": {}, \"errors\": {}, \"late\": {}, \"success_share\": {:.6f}, "
        "\"p50_ms\": {:.1f}, \"p99_ms\": {:.1f}, \"p999_ms\": {:.1f}, \"lag_ms\": {:.1f}}}",
        sent_, errors_, late_, static_cast<double>(good_) / all, ms(0.5), ms(0.99), ms(0.999),
        seconds(lag_.percentile(0.999)) * 1e3);
  }

 private:
  struct Lane {
    std::unique_ptr<Connection> connection;
    Time due{};
    std::uint64_t turn = 0;  // of its requests, for the deadline
    bool busy = false;
  };

  bool over() const {
    return loop_.now() >= end_ && (open_ == 0 || loop_.now() >= end_ + kPatience);
  }
  void arrive() {
    if (next_ >= end_) return;
    agenda_.add(next_, [this] {
      lag_.add(loop_.now() - next_);
      fire(next_);
      next_ += from_seconds(gap_(random_));
      arrive();
    });
  }
  void fire(Time due) {
    ++sent_;
    ++open_;
    std::size_t index = 0;
    const bool kept = !free_.empty();
    if (kept) {
      index = free_.back();
      free_.pop_back();
    } else if (!closed_.empty()) {
      index = closed_.back();
      closed_.pop_back();
    } else {
      index = lanes_.size();
      auto& lane = lanes_.emplace_back();
      lane.connection =
          std::make_unique<Connection>(loop_, static_cast<Connection::User&>(*this), port_, index);
    }
    Lane& lane = lanes_[index];
    lane.due = due;
    lane.busy = true;
    const std::uint64_t turn = ++lane.turn;
    if (deadline_ > 0s) {
      agenda_.add(due + deadline_, [this, index, turn, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) give_up(index, turn);
      });
    }
    if (kept) {
      lane.connection->send(kRequest);
    } else {
      lane.connection->open();
    }
  }
  void give_up(std::size_t index, std::uint64_t turn) {
    Lane& lane = lanes_[index];
    if (!lane.busy || lane.turn != turn) return;
    ++late_;
    finish(lane);
    lane.connection->close();
    closed_.push_back(index);
  }
  void finish(Lane& lane) {
    lane.busy = false;
    --open_;
    latencies_.add(loop_.now() - lane.due);
  }

  void on_open(Connection& connection) override {
    if (lanes_[connection.index()].busy) connection.send(kRequest);
  }
  void on_body(Connection&, std::string_view) override {}
  void on_answer(Connection& connection, int status) override {
    Lane& lane = lanes_[connection.index()];
    if (!lane.busy) return;
    const Duration took = loop_.now() - lane.due;
    finish(lane);
    if (status != 200) {
      ++errors_;
    } else if (took < 1s) {
      ++good_;
    }
    free_.push_back(connection.index());
  }
  void on_broken(Connection& connection, std::string_view) override {
    Lane& lane = lanes_[connection.index()];
    if (lane.busy) {
      ++errors_;
      finish(lane);
    } else {
      std::erase(free_, connection.index());
    }
    closed_.push_back(connection.index());
  }

  Loop& loop_;
  Agenda& agenda_;
  const std::uint16_t port_;
  std::exponential_distribution<> gap_;
  const Time end_;
  const Duration deadline_;
  std::mt19937_64 random_;
  Time next_{};
  std::deque<Lane> lanes_;
  std::vector<std::size_t> free_, closed_;
  Histogram latencies_, lag_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // deadlines may be left over at the end
  std::uint64_t sent_ = 0, open_ = 0, good_ = 0, errors_ = 0, late_ = 0;
};

class Choice {
 public:
  explicit Choice(std::size_t servers) : loop_(system_clock()) {
    for (std::size_t i = 0; i < servers; ++i) {
      servers_.push_back(std::make_unique<Server>(loop_, agenda_, 1000 + i));
    }
  }
  std::string ports() const {
    std::string text;
    for (const auto& server : servers_) text += fmt::format("{} ", server->port());
    return text;
  }
  // What a line asks for; its answer.
  std::string command(const std::string& line) {
    std::istringstream in(line);
    std::string word;
    in >> word;
    if (word == "server") {
      change(in);
    } else if (word == "at") {
      double after = 0;
      in >> after >> word;
      later_.emplace_back(from_seconds(after),
                          in.str().substr(static_cast<std::size_t>(in.tellg())));
    } else if (word == "run") {
      return run(in);
    } else {
      return "{\"error\": \"no such command\"}";
    }
    return {};
  }
  // Serves until there is something to read.
  void turn() {
    loop_.turn(std::min(agenda_.next(), loop_.now() + 20ms));
    agenda_.run(loop_.now());
  }

 private:
  void change(std::istream& in) {
    std::size_t index = 0, slots = 0;
    double ms = 0, cv = 0;
    in >> index >> ms >> cv >> slots;
    CHECK(index < servers_.size());
    servers_[index]->set(ms, cv, slots);
  }
  std::string run(std::istream& in) {
    unsigned port = 0;
    double rate = 0, time = 0, deadline = 0;
    std::uint64_t seed = 1;
    in >> port >> rate >> time >> deadline >> seed;
    for (auto& [after, text] : later_) {
      agenda_.add(loop_.now() + after, [this, text = text] {
        std::istringstream words(text);
        change(words);
      });
    }
    later_.clear();
    Client client(loop_, agenda_, static_cast<std::uint16_t>(port), rate, from_seconds(time),
                  from_seconds(deadline / 1e3), seed);
    return client.run();
  }

  Loop loop_;
  Agenda agenda_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::pair<Duration, std::string>> later_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::Choice choice(argc > 1 ? std::stoul(argv[1]) : 1);
  std::cout << choice.ports() << std::endl;
  ::fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  // Standard input is read by hand, so that the servers answer health checks meanwhile.
  std::string input;
  while (true) {
    char scratch[4096];
    const ssize_t got = ::read(STDIN_FILENO, scratch, sizeof scratch);
    if (got == 0) return 0;
    if (got > 0) input.append(scratch, static_cast<std::size_t>(got));
    for (std::size_t end; (end = input.find('\n')) != std::string::npos;) {
      const std::string line = input.substr(0, end);
      input.erase(0, end + 1);
      const std::string answer = choice.command(line);
      if (!answer.empty()) std::cout << answer << std::endl;
    }
    choice.turn();
  }
}
