// For tests: a shell whose output is kept, and a weir that answers what it is told to.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/scope.h"
#include "cli/run.h"
#include "http/h1_server.h"
#include "net/listen.h"
#include "net/reactor.h"

namespace weir::cli {

struct TestShell {
  std::ostringstream out;
  std::ostringstream err;
  std::map<std::string, std::string> variables;

  int run(std::vector<std::string> words, Serve serve = nullptr) {
    out.str("");
    err.str("");
    Shell shell{out, err, [this](const char* name) { return variables[name]; }};
    shell.serve = serve;
    return cli::run(std::move(words), shell);
  }
};

struct TestFolder {
  TestFolder() {
    char name[] = "/tmp/weir-cli-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// A real server on a Unix socket, or where an address is given on that, in a thread of its own:
// `answer` on its thread.
class TestWeir final : public http::Handler {
 public:
  struct Said {
    std::uint16_t status = 200;
    std::string body = "{}";
  };
  using Answer = std::function<Said(const std::string& method, const std::string& target,
                                    const std::string& body)>;

  TestWeir(std::string path, Answer answer) : path_(std::move(path)), answer_(std::move(answer)) {
    const bool tcp = path_.find(':') != std::string::npos;
    listening_ = *net::listen_on(*net::parse_address(tcp ? path_ : "unix:" + path_), false, 0600);
    thread_ = std::thread([this] { run(); });
  }
  ~TestWeir() override {
    reactor_.stop();
    thread_.join();
  }

  std::string address() const { return net::local_address(listening_.get()).to_string(); }
  // The Authorization of each request, "" without.
  std::vector<std::string> authorizations() {
    const std::lock_guard lock(mutex_);
    return authorizations_;
  }
  // METHOD target body, each.
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  Task<> handle(http::Exchange& exchange) override {
    std::string body;
    bool last = exchange.request().framing.kind == http::Framing::Kind::none;
    while (!last) {
      const http::Piece piece = co_await exchange.read_body(exchange.gone());
      if (piece.status != net::Io::ok) co_return;
      body += piece.bytes;
      last = piece.last;
    }
    const std::string method(exchange.request().method);
    const std::string target(exchange.request().target);
    {
      const std::lock_guard lock(mutex_);
      authorizations_.emplace_back();
      for (const HeaderView& field : exchange.request().fields.list) {
        if (equal_ignoring_case(field.name, "authorization")) authorizations_.back() = field.value;
      }
      requests_.push_back(method + " " + target + (body.empty() ? "" : " " + body));
    }
    const Said said = answer_(method, target, body);
    co_await exchange.respond(said.status, "application/json", said.body);
  }
  const http::H1Settings& settings() const override { return settings_; }

 private:
  void run() {
    auto on_accept = [this](net::Fd fd, const net::Address& peer) {
      const http::Peer who = http::peer_of(fd.get(), peer);
      tasks_.spawn(session(net::Stream::adopt(reactor_, std::move(fd)), who));
    };
    const auto acceptor =
        net::Acceptor::start(reactor_, listening_.get(), false, std::move(on_accept));
    reactor_.run();
    while (tasks_.running() > 0) reactor_.turn(reactor_.now() + 10ms);
  }
  Task<> session(net::Owned<net::Stream> stream, http::Peer peer) {
    http::H1Server server(std::move(stream), *this, peer);
    co_await server.run();
  }

  std::string path_;
  Answer answer_;
  net::Fd listening_;
  net::Reactor reactor_{system_clock()};
  http::H1Settings settings_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::string> authorizations_;
  Scope tasks_;
  std::thread thread_;
};

}  // namespace weir::cli
