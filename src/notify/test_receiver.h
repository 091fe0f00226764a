// For tests of this folder: somebody who is told by HTTP, on the loop of the test.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "net/listen.h"
#include "net/test_loop.h"

namespace weir::notify {

inline std::string answer_of(const std::string& status, const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

// Answers each request with the next of `answers`, and 200 once there are no more; an empty one is
// none: it hangs. The test keeps it for as long as its loop has tasks.
class Receiver {
 public:
  explicit Receiver(net::TestLoop& loop)
      : loop_(loop), fd_(*net::listen_on(net::loopback(), false)) {
    acceptor_ = net::Acceptor::start(
        loop.reactor, fd_.get(), false, [this](net::Fd fd, const net::Address&) {
          auto stream = net::Stream::adopt(loop_.reactor, std::move(fd));
          if (stream) scope_.spawn(serve(std::move(stream)));
        });
  }
  ~Receiver() {
    acceptor_.reset();
    stopping_.raise();
    loop_.until([this] { return scope_.running() == 0; });
  }

  std::string url() const {
    return "http://" + net::local_address(fd_.get()).to_string() + "/hook?a=1";
  }

  std::deque<std::string> answers;
  std::vector<std::string> requests;  // heads and bodies

 private:
  static bool complete(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    const auto field = request.find("Content-Length: ");
    if (end == request.npos || field == request.npos) return false;
    return request.size() >= end + 4 + std::stoul(request.substr(field + 16));
  }

  Task<> serve(net::Owned<net::Stream> stream) {
    const net::Deadline never(kNever, &stopping_);
    std::string request;
    while (!complete(request)) {
      const net::Read got = co_await stream->read(never);
      if (got.status != net::Io::ok) co_return;
      request.append(got.bytes.data(), got.bytes.size());
    }
    requests.push_back(request);
    std::string answer = answer_of("200 OK");
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    if (answer.empty()) {
      co_await net::sleep(loop_.reactor, never);
      co_return;
    }
    co_await stream->write(answer, never);
  }

  net::TestLoop& loop_;
  net::Fd fd_;
  net::Interrupt stopping_;
  Scope scope_;
  net::Owned<net::Acceptor> acceptor_;
};

}  // namespace weir::notify
