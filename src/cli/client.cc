#include "cli/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
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

// As net::parse_address takes them.
Result<std::vector<std::string>> addresses_of(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found); error != 0) {
    return fail(Code::unavailable, host + ": " + ::gai_strerror(error));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    addresses.push_back(net::Address(one->ai_addr, one->ai_addrlen).to_string());
  }
  ::freeaddrinfo(found);
  return addresses;
}

Result<std::string> read_token(const std::string& path) {
  const std::string context = "--token-file " + path;
  const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (!file || ::fstat(file.get(), &about) != 0) {
    return fail(Code::invalid, context + ": " + std::strerror(errno));
  }
  if (!S_ISREG(about.st_mode)) return fail(Code::invalid, context + ": is not a file");
  if ((about.st_mode & 077) != 0) {
    return fail(Code::denied, context + ": others may read the token: chmod 600 " + path);
  }
  std::string token(4096, '\0');
  const ssize_t length = ::read(file.get(), token.data(), token.size());
  token.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  const bool plain =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return std::isgraph(c) != 0; });
  if (token.empty() || !plain) return fail(Code::invalid, context + ": holds no token");
  return token;
}

}  // namespace

Client::Client(const Shell& shell, const Where& where, const std::string& derived, bool reading)
    : reactor_(shell.clock), token_file_(where.token_file) {
  std::string socket = where.socket;
  std::string address = where.address;
  if (socket.empty() && address.empty()) {
    socket = shell.variable("WEIR_SOCKET");
    if (socket.empty()) address = shell.variable("WEIR_ADDRESS");
  }
  if (token_file_.empty()) token_file_ = shell.variable("WEIR_TOKEN_FILE");
  if (!address.empty()) {
    authority_ = address;
  } else if (!socket.empty()) {
    places_ = {"unix:" + socket};
  } else if (!derived.empty()) {
    places_ = {"unix:" + derived};
  } else {
    places_ = {"unix:" + std::string(kDefaultSocket)};
    if (reading) places_.emplace_back(kDefaultBind);
  }
}

// The addresses behind --address, and the token: once, before the first question.
Result<> Client::prepare() {
  if (authority_.empty() || !places_.empty()) return {};
  std::string_view text = authority_;
  if (text.starts_with("https://")) {
    return fail(Code::invalid, "--address " + authority_ +
                                   ": the admin listener speaks plain HTTP: http://host:port");
  }
  if (text.starts_with("http://")) text.remove_prefix(7);
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto parts = net::split_host_port(text);
  if (!parts || parts->host.empty() || text.find('/') != std::string_view::npos) {
    return fail(Code::invalid, "--address " + authority_ + ": write http://host:port");
  }
  TRY(places_, addresses_of(parts->host, std::to_string(parts->port)));
  authority_ = std::string(text);
  if (!token_file_.empty()) {
    TRY(token_, read_token(token_file_));
  }
  return {};
}

Result<Response> Client::get(const std::string& target) { return ask({"GET", target, {}, {}}); }

Result<Response> Client::post(const std::string& target, std::string body,
                              const std::string& type) {
  return ask({"POST", target, std::move(body), type});
}

Result<> Client::follow(const std::string& target, const Take& take) {
  TRY(const Response response, ask({"GET", target, {}, {}}, &take));
  if (response.status < 300) return {};
  TRY_VOID(parse(response));
  return {};
}

Result<Response> Client::ask(const Request& request, const Take* take) {
  TRY_VOID(prepare());
  Error first(Code::unavailable, "");
  for (const std::string& place : places_) {
    const auto address = net::parse_address(place);
    if (!address) return fail(Code::invalid, place + ": " + address.error().message);
    std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                    request.method, request.target,
                                    over_tcp()           ? authority_
                                    : address->is_unix() ? "localhost"
                                                         : address->to_string());
    if (!token_.empty()) bytes += "Authorization: Bearer " + token_ + "\r\n";
    if (request.method != "GET") {
      bytes += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.type,
                           request.body.size());
    }
    bytes += "\r\n" + request.body;
    Task<Result<Response>> task = exchange(*address, std::move(bytes), take);
    task.start();
    while (!task.done()) reactor_.turn(reactor_.now() + 1s);
    auto result = task.result();
    if (result) return result;
    if (first.message.empty()) first = result.error();
  }
  return tl::unexpected(first);
}

Task<Result<Response>> Client::exchange(net::Address address, std::string bytes, const Take* take) {
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
  if (take && response.status < 300) {
    bool last = !(*take)(answer.piece) || answer.last;
    while (!last) {
      const http::Piece piece = co_await call.read_body(kNever);
      if (piece.status != net::Io::ok) {
        co_return fail(Code::unavailable, "the connection to weir broke off");
      }
      last = !(*take)(piece.bytes) || piece.last;
    }
    co_return std::move(response);
  }
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
      "no weir answers on {}: {}; start one with `weir serve FILE`, or name its socket by --socket "
      "or its address by --address",
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
