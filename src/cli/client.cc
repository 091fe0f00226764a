#include "cli/client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cctype>
#include <charconv>
#include <cstring>
#include <ostream>

#include "config/json.h"
#include "config/mistake.h"
#include "http/h1_call.h"

namespace weir::cli {
namespace {

constexpr Duration kConnectTime = 2s;
constexpr Duration kAnswerTime = 60s;  // an apply opens sockets and writes to the disk
constexpr std::size_t kMostBytes = 256 * 1024 * 1024;

// A handle of the process that listens on the Unix socket; it can't be mistaken for a later one.
net::Fd process_behind(int fd) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.pid <= 0) return {};
  return net::Fd(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0)));
}

}  // namespace

Client::Client(const Shell& shell, const std::string& socket, const std::string& derived,
               bool reading)
    : reactor_(shell.clock) {
  const std::string given = !socket.empty() ? socket : shell.variable("WEIR_SOCKET");
  if (!given.empty()) {
    places_ = {"unix:" + given};
  } else if (!derived.empty()) {
    places_ = {"unix:" + derived};
  } else {
    places_ = {"unix:" + std::string(kDefaultSocket)};
    if (reading) places_.emplace_back(kDefaultBind);
  }
}

Result<Response> Client::get(const std::string& target) { return ask({"GET", target, {}}); }

Result<Response> Client::post(const std::string& target, std::string json) {
  return ask({"POST", target, std::move(json)});
}

Result<Response> Client::ask(const Request& request) {
  Error first(Code::unavailable, "");
  for (const std::string& place : places_) {
    const auto address = net::parse_address(place);
    if (!address) return fail(Code::invalid, place + ": " + address.error().message);
    std::string bytes =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", request.method,
                    request.target, address->is_unix() ? "localhost" : address->to_string());
    if (request.method != "GET") {
      bytes += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                           request.body.size());
    }
    bytes += "\r\n" + request.body;
    Task<Result<Response>> task = exchange(*address, std::move(bytes));
    task.start();
    while (!task.done()) reactor_.turn(reactor_.now() + 1s);
    auto result = task.result();
    if (result) return result;
    if (first.message.empty()) first = result.error();
  }
  return tl::unexpected(first);
}

Task<Result<Response>> Client::exchange(net::Address address, std::string bytes) {
  const net::Deadline connect_by(reactor_.clock().now() + kConnectTime);
  net::Connected connected = co_await net::connect(reactor_, address, connect_by);
  if (connected.status != net::Io::ok) {
    co_return fail(Code::unavailable, unreachable(address.to_string(), connected.status));
  }
  Response response;
  if (address.is_unix()) response.process = process_behind(connected.stream->fd());
  const net::Deadline answer_by(reactor_.clock().now() + kAnswerTime);
  co_await connected.stream->write(bytes, answer_by);  // refused, perhaps, with an answer to read
  http::H1Call call(std::move(connected.stream), http::HeadLimits{});
  const http::Answer answer = co_await call.read_head(answer_by);
  if (answer.status != net::Io::ok) {
    co_return fail(Code::unavailable, fmt::format("weir on {} gave no answer: {}",
                                                  address.to_string(), to_string(answer.status)));
  }
  response.status = answer.head->status;
  response.body = answer.piece;
  bool last = answer.last;
  while (!last) {
    const http::Piece piece = co_await call.read_body(answer_by);
    if (piece.status != net::Io::ok || response.body.size() > kMostBytes) {
      co_return fail(Code::unavailable, "weir's answer broke off");
    }
    response.body += piece.bytes;
    last = piece.last;
  }
  co_return response;
}

std::string Client::unreachable(const std::string& place, net::Io why) const {
  std::string reason(to_string(why));
  std::string path = place;
  if (place.starts_with("unix:")) {
    path = place.substr(5);
    if (::access(path.c_str(), F_OK) != 0) {
      reason = std::strerror(errno);
    } else if (::access(path.c_str(), W_OK) != 0) {
      reason = "only the user that weir runs as, or root, may use it";
    }
  }
  return fmt::format(
      "no weir answers on {}: {}; start one with `weir serve FILE`, or name its socket by --socket",
      path, reason);
}

Result<config::Node> Client::parse(const Response& response) {
  config::Findings findings;
  config::Node node = config::parse_json(response.body, 0, findings);
  if (!findings.empty()) {
    return fail(Code::internal, fmt::format("weir answered {} and no JSON", response.status));
  }
  if (response.status < 300) return node;
  const config::Entry* error = node.find("error");
  if (!error) return fail(Code::internal, fmt::format("weir answered {}", response.status));
  mistakes_.clear();
  for (const config::Node& mistake : list_of(error->value, "mistakes")) {
    mistakes_.push_back(text_of(mistake, "text"));
  }
  const Code code = response.status == 404   ? Code::not_found
                    : response.status == 422 ? Code::invalid
                    : response.status < 500  ? Code::denied
                                             : Code::unavailable;
  return fail(code, text_of(error->value, "message"));
}

std::string text_of(const config::Node& node, std::string_view key) {
  const config::Entry* entry = node.find(key);
  return entry && entry->value.kind == config::Node::Kind::scalar ? entry->value.text : "";
}

double number_of(const config::Node& node, std::string_view key) {
  const std::string text = text_of(node, key);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool flag_of(const config::Node& node, std::string_view key) {
  return text_of(node, key) == "true";
}

const std::vector<config::Node>& list_of(const config::Node& node, std::string_view key) {
  static const std::vector<config::Node> none;
  const config::Entry* entry = node.find(key);
  return entry && entry->value.kind == config::Node::Kind::sequence ? entry->value.items : none;
}

std::string json_text(std::string_view text) {
  return config::write_json(config::Node::quote(std::string(text)), -1);
}

std::string url_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || std::strchr("-._~", c)) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return escaped;
}

int failed(Shell& shell, const Error& error) {
  shell.err << "weir: " << error.message << "\n";
  return kFailed;
}

}  // namespace weir::cli
