// Closed loop, open loop, idle connections: what they share is a set of connections that each send
// one request at a time and check its answer; they differ in what a free connection does.
#include <algorithm>
#include <deque>
#include <vector>

#include "bench/connection.h"
#include "bench/message.h"
#include "bench/traffic.h"

namespace weir::bench {
namespace {

// Comparing 64 KiB costs microseconds of the CPU that the backend needs too: of large bodies, every
// one is measured and one in so many compared.
constexpr std::size_t kAlwaysCompared = 4096;
constexpr std::uint64_t kComparedOneIn = 16;

class Requests : public Traffic, private Connection::User {
 public:
  Requests(Loop& loop, const Target& target)
      : loop_(loop),
        request_(request_for(target.path, target.post)),
        expected_(body_of(target.path)),
        exchanges_(target.connections),
        tls_(target.resume) {
    for (std::size_t i = 0; i < target.connections; ++i) {
      connections_.push_back(
          std::make_unique<Connection>(loop, static_cast<Connection::User&>(*this), target.port, i,
                                       target.tls ? &tls_ : nullptr));
    }
  }

  void start() override {
    for (auto& connection : connections_) connection->open();
  }
  bool ready() const override { return opened_ >= connections_.size(); }
  Time tick(Time) override {
    std::vector<Connection*> broken;
    broken.swap(broken_);
    for (Connection* connection : broken) connection->open();
    return broken_.empty() ? kNever : loop_.now() + 1ms;  // refused at once: try again, not at once
  }

 protected:
  // The connection has nothing to do.
  virtual void free(Connection& connection) = 0;
  virtual void lost(Connection&) {}

  void fire(Connection& connection, Time due) {
    Exchange& exchange = exchanges_[connection.index()];
    exchange = Exchange{.due = due};
    exchange.compared = expected_.size() <= kAlwaysCompared || ++fired_ % kComparedOneIn == 0;
    connection.send(request_);
  }
  void open_again(Connection& connection) { broken_.push_back(&connection); }
  std::vector<std::unique_ptr<Connection>>& connections() { return connections_; }
  Loop& loop_;

 private:
  struct Exchange {
    Time due;
    std::size_t got = 0;
    bool compared = false;
    bool good = true;
  };

  void on_open(Connection& connection) override {
    ++opened_;
    free(connection);
  }
  void on_body(Connection& connection, std::string_view piece) override {
    Exchange& exchange = exchanges_[connection.index()];
    if (exchange.compared && exchange.good) {
      exchange.good =
          expected_.substr(std::min(exchange.got, expected_.size()), piece.size()) == piece;
    }
    exchange.got += piece.size();
  }
  void on_answer(Connection& connection, int status) override {
    Exchange& exchange = exchanges_[connection.index()];
    if (status != 200) {
      tally_.add_error("status " + std::to_string(status));
    } else if (exchange.got != expected_.size()) {
      tally_.add_error("body of another length");
    } else if (!exchange.good) {
      tally_.add_error("body with other bytes");
    } else {
      ++tally_.answers;
      tally_.body_bytes += exchange.got;
      tally_.latency.add(loop_.now() - exchange.due);
    }
    free(connection);
  }
  void on_broken(Connection& connection, std::string_view why) override {
    tally_.add_error(why);
    broken_.push_back(&connection);
    lost(connection);
  }

  const std::string request_;
  const std::string_view expected_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Exchange> exchanges_;
  TlsClient tls_;
  std::vector<Connection*> broken_;  // to be opened again
  std::size_t opened_ = 0;
  std::uint64_t fired_ = 0;
};

class ClosedLoop final : public Requests {
 public:
  using Requests::Requests;

 private:
  void free(Connection& connection) override { fire(connection, loop_.now()); }
};

class FreshConnections final : public Requests {
 public:
  FreshConnections(Loop& loop, const Target& target)
      : Requests(loop, target), asked_(target.connections) {}

 private:
  void free(Connection& connection) override {
    const std::size_t i = connection.index();
    if (asked_[i]) {
      connection.close();
      open_again(connection);
    } else {
      fire(connection, loop_.now());
    }
    asked_[i] = !asked_[i];
  }
  void lost(Connection& connection) override { asked_[connection.index()] = false; }

  std::vector<bool> asked_;
};

class OpenLoop final : public Requests {
 public:
  OpenLoop(Loop& loop, const Target& target, double rate)
      : Requests(loop, target), interval_(from_seconds(1 / rate)) {}

  void start() override {
    Requests::start();
    next_due_ = loop_.now() + 100ms;  // by then all connections stand
  }
  Time tick(Time now) override {
    const Time reopen = Requests::tick(now);
    while (!free_.empty() && next_due_ <= now) {
      Connection* connection = free_.front();
      free_.pop_front();
      fire_next(*connection);
    }
    return free_.empty() ? reopen : std::min(reopen, next_due_);
  }

 private:
  void fire_next(Connection& connection) {
    const Time due = next_due_;
    next_due_ += interval_;
    fire(connection, due);
  }
  void free(Connection& connection) override {
    if (next_due_ <= loop_.now()) {
      fire_next(connection);
    } else {
      free_.push_back(&connection);
    }
  }
  void lost(Connection& connection) override { std::erase(free_, &connection); }

  const Duration interval_;
  Time next_due_;
  std::deque<Connection*> free_;
};

class IdleConnections final : public Requests {
 public:
  IdleConnections(Loop& loop, const Target& target)
      : Requests(loop, target), stages_(target.connections, Stage::closed) {}

  void start() override { open_more(); }
  bool ready() const override { return held_ == stages_.size(); }
  Time tick(Time now) override {
    open_more();
    return Requests::tick(now);
  }

 private:
  enum class Stage : std::uint8_t { closed, asked, held };
  static constexpr std::size_t kAtOnce = 64;

  void open_more() {
    while (opening_ < stages_.size() && opening_ < held_ + kAtOnce) {
      connections()[opening_++]->open();
    }
  }
  void free(Connection& connection) override {
    Stage& stage = stages_[connection.index()];
    if (stage == Stage::closed) {
      stage = Stage::asked;
      fire(connection, loop_.now());
    } else {
      stage = Stage::held;
      ++held_;
    }
  }
  void lost(Connection& connection) override {
    Stage& stage = stages_[connection.index()];
    if (stage == Stage::held) --held_;
    stage = Stage::closed;
  }

  std::vector<Stage> stages_;
  std::size_t opening_ = 0;
  std::size_t held_ = 0;
};

}  // namespace

std::unique_ptr<Traffic> closed_loop(Loop& loop, const Target& target) {
  return std::make_unique<ClosedLoop>(loop, target);
}

std::unique_ptr<Traffic> fresh_connections(Loop& loop, const Target& target) {
  return std::make_unique<FreshConnections>(loop, target);
}

std::unique_ptr<Traffic> open_loop(Loop& loop, const Target& target, double rate) {
  return std::make_unique<OpenLoop>(loop, target, rate);
}

std::unique_ptr<Traffic> idle_connections(Loop& loop, const Target& target) {
  return std::make_unique<IdleConnections>(loop, target);
}

}  // namespace weir::bench
