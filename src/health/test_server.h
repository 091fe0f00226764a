// For tests of this folder: real servers on a thread of their own, and the objects to check them.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/scope.h"
#include "model/snapshot.h"
#include "net/address.h"
#include "net/listen.h"
#include "net/stream.h"

namespace weir::health {

inline constexpr char kWell[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
inline constexpr char kSick[] =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
inline constexpr char kSilent[] = "";

// Of HTTP/2, to the first request of a connection.
inline std::string frame(char type, char flags, char stream, const std::string& payload) {
  return std::string{'\0', '\0',  static_cast<char>(payload.size()), type, flags, '\0', '\0',
                     '\0', stream} +
         payload;
}
inline std::string field(const std::string& name, const std::string& value) {
  const auto text = [](const std::string& t) { return static_cast<char>(t.size()) + t; };
  return '\0' + text(name) + text(value);
}
// A response to the grpc check, which is as good as any to the http2 check.
inline std::string well_of_h2(char serving = 1, const std::string& grpc_status = "0",
                              const std::string& status = "200") {
  return frame(4, 0, 0, "") + frame(1, 4, 1, field(":status", status)) +
         frame(0, 0, 1, std::string{'\0', '\0', '\0', '\0', '\2', '\x08', serving}) +
         frame(1, 5, 1, field("grpc-status", grpc_status));
}

inline net::Address address_of(const std::string& text) { return net::parse_address(text).value(); }

// Sends the same bytes to whoever has sent a request head, then closes; with kSilent keeps the
// connection open and says nothing.
class TestServer {
 public:
  explicit TestServer(std::string response, const std::string& bind = "127.0.0.1:0")
      : response_(std::move(response)), fd_(net::listen_on(address_of(bind), false).value()) {
    address_ = net::local_address(fd_.get());
    thread_ = std::thread([this] { run(); });
  }
  ~TestServer() {
    reactor_.stop();
    thread_.join();
  }

  std::string address() const { return address_.to_string(); }
  std::uint16_t port() const { return address_.port(); }
  void respond(std::string response) {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
  }
  std::size_t accepted() const { return accepted_; }
  std::size_t open() const { return open_; }
  std::string request() const {
    const std::lock_guard lock(mutex_);
    return request_;
  }

 private:
  void run() {
    auto on_accept = [this](net::Fd fd, const net::Address&) {
      ++accepted_;
      auto stream = net::Stream::adopt(reactor_, std::move(fd));
      if (stream) scope_.spawn(serve(std::move(stream)));
    };
    auto acceptor = net::Acceptor::start(reactor_, fd_.get(), false, on_accept);
    reactor_.run();
    acceptor.reset();
    stopping_.raise();
    while (scope_.running() > 0) reactor_.turn(reactor_.now() + 10ms);
  }

  Task<> serve(net::Owned<net::Stream> stream) {
    ++open_;
    const net::Deadline never(kNever, &stopping_);
    std::string head;
    while (true) {
      const net::Read got = co_await stream->read(never);
      if (got.status != net::Io::ok) break;
      head.append(got.bytes.data(), got.bytes.size());
      if (head.find("\r\n\r\n") == std::string::npos) continue;
      const std::string response = answer_to(head);
      if (response.empty()) continue;
      co_await stream->write(response, never);
      break;
    }
    --open_;
  }

  std::string answer_to(const std::string& head) {
    const std::lock_guard lock(mutex_);
    request_ = head;
    return response_ == kWell && head.starts_with("PRI ") ? well_of_h2() : response_;
  }

  mutable std::mutex mutex_;
  std::string response_;
  std::string request_;
  std::atomic<std::size_t> accepted_{0};
  std::atomic<std::size_t> open_{0};
  net::Reactor reactor_{system_clock()};
  net::Fd fd_;
  net::Address address_;
  Scope scope_;
  net::Interrupt stopping_;
  std::thread thread_;
};

// A port that was free just now.
inline std::uint16_t free_port() {
  const net::Fd fd = net::listen_on(address_of("127.0.0.1:0"), false).value();
  return net::local_address(fd.get()).port();
}
inline std::string on_port(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

inline std::shared_ptr<Endpoint> make_endpoint(std::uint64_t id, std::string address) {
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->id = EndpointId{id};
  endpoint->address = std::move(address);
  endpoint->load = std::make_shared<Load>();
  return endpoint;
}

// Looks again and again until it holds, at most ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  std::mutex mutex;
  std::condition_variable never;
  const Time end = system_clock().now() + 10s;
  while (!condition()) {
    if (system_clock().now() > end) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, 1ms);
  }
  return true;
}

}  // namespace weir::health
