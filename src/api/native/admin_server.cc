#include "api/native/admin_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "http/h1_server.h"
#include "model/ip.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostBody = 4 * 1024 * 1024;  // of the native API
constexpr std::size_t kMostSessions = 1000;
constexpr Duration kLastAnswers = 1s;

bool is_loopback(const net::Address& address) {
  Ip ip;
  std::uint8_t bytes[16];
  address.ip(bytes);
  std::copy(std::begin(bytes), std::end(bytes), ip.bytes.begin());
  static const Cidr v4 = *parse_cidr("127.0.0.0/8");
  static const Cidr v6 = *parse_cidr("::1/128");
  return v4.contains(ip) || v6.contains(ip);
}

// Views into the request's head.
Caller caller_of(const http::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  Caller caller;
  caller.local = exchange.peer().ip == Ip{};
  caller.uid = exchange.peer().uid;
  caller.host = head.host;
  caller.authority = head.authority;
  caller.body = head.framing.kind != http::Framing::Kind::none &&
                !(head.framing.kind == http::Framing::Kind::length && head.framing.length == 0);
  for (const HeaderView& field : head.fields.list) {
    if (equal_ignoring_case(field.name, "origin")) {
      caller.origins.push_back(field.value);
    } else if (equal_ignoring_case(field.name, "authorization")) {
      caller.authorizations.push_back(field.value);
    } else if (equal_ignoring_case(field.name, "sec-fetch-site")) {
      caller.fetch_site = field.value;
    } else if (equal_ignoring_case(field.name, "content-type")) {
      caller.content_type = field.value;
    }
  }
  return caller;
}

Answer refusal(const Verdict& verdict) {
  Answer answer = error_answer(verdict.status, verdict.code, verdict.message);
  answer.challenge = verdict.status == 401;
  return answer;
}

}  // namespace

// One connection, in the server's list.
struct AdminServer::Session {
  Session(AdminServer& s, net::Owned<net::Stream> stream, http::Peer peer)
      : owner(s), server(std::move(stream), s, peer), next(s.first_session_) {
    if (next) next->previous = this;
    owner.first_session_ = this;
  }
  ~Session() {
    (previous ? previous->next : owner.first_session_) = next;
    if (next) next->previous = previous;
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  AdminServer& owner;
  http::H1Server server;
  Session* next;
  Session* previous = nullptr;
};

std::string socket_path(const Admin& admin, const State& state) {
  if (!admin.socket.empty()) return admin.socket;
  return (std::filesystem::path(state.path).parent_path() / "weir.sock").string();
}

AdminServer::AdminServer(net::Reactor& reactor, control::Control& control,
                         observe::Registry& registry, Options options)
    : reactor_(reactor),
      context_{reactor,
               files_,
               control,
               registry,
               std::move(options.version),
               std::move(options.on_stop),
               std::move(options.on_takeover)},
      world_(control),
      aws_(reactor, control, registry, world_, system_seed()) {
  settings_.limits.body.value = aws::kMostBody;
  settings_.limits.idle_time = 60s;
  settings_.limits.body_idle_time = 30s;
  settings_.keep_half_closed = true;  // `nc -N` and the like get their answer
  door_.uid = ::geteuid();
}

AdminServer::~AdminServer() = default;

Result<> AdminServer::listen(const Admin& admin, const State& state, HandedAdmin handed) {
  if (handed.bind == admin.bind) tcp_ = std::move(handed.tcp);
  if (handed.socket == socket_path(admin, state)) unix_ = std::move(handed.unix_socket);
  door_.hosts.assign(admin.hosts.begin(), admin.hosts.end());
  aws_.set_anonymous(admin.anonymous);
  if (!admin.token_file.empty()) {
    TRY(door_.token, read_token(admin.token_file, door_.uid));
  }
  if (!admin.bind.empty()) TRY_VOID(listen_tcp(admin));
  TRY_VOID(listen_unix(socket_path(admin, state)));
  for (const net::Fd* fd : {&tcp_, &unix_}) {
    if (!*fd) continue;
    auto on_accept = [this](net::Fd accepted_fd, const net::Address& peer) {
      accepted(std::move(accepted_fd), peer);
    };
    auto acceptor = net::Acceptor::start(reactor_, fd->get(), false, std::move(on_accept));
    if (!acceptor) return fail(Code::unavailable, "the admin listener cannot be watched");
    acceptors_.push_back(std::move(acceptor));
  }
  LOG(info, "admin listening", {"bind", admin.bind}, {"port", port_}, {"socket", unix_path_});
  return {};
}

Result<> AdminServer::listen_tcp(const Admin& admin) {
  const auto address = net::parse_address(admin.bind);
  if (!address) return fail("admin.bind", address.error());
  if (!tcp_) {
    auto fd = net::listen_on(*address, false, 0600);
    if (!fd) return fail("admin.bind", fd.error());
    tcp_ = std::move(*fd);
  }
  bind_ = admin.bind;
  port_ = net::local_address(tcp_.get()).port();
  door_.loopback = address->is_unix() || is_loopback(*address);
  door_.bind_host = net::split_host_port(admin.bind).value_or(net::HostPort{}).host;
  if (!door_.loopback && door_.token.empty()) {
    LOG(warn,
        "admin.bind is not loopback and there is no admin.token_file: only /healthz and "
        "/readyz will be answered there",
        {"bind", admin.bind});
  }
  return {};
}

Result<> AdminServer::listen_unix(const std::string& path) {
  const auto address = net::parse_address("unix:" + path);
  if (!address) return fail("admin.socket", address.error());
  if (!unix_) {
    auto fd = net::listen_on(*address, false, 0600);
    if (!fd) return fail("admin.socket", fd.error());
    unix_ = std::move(*fd);
  } else {
    ::listen(unix_.get(), SOMAXCONN);  // whom its clients see behind it is who said so last
  }
  unix_path_ = path;
  struct stat about{};
  if (::lstat(path.c_str(), &about) == 0) unix_inode_ = about.st_ino;
  return {};
}

void AdminServer::handed(std::string& bind, std::string& socket, std::vector<int>& fds) const {
  if (tcp_) {
    bind = bind_;
    fds.push_back(tcp_.get());
  }
  if (unix_) {
    socket = unix_path_;
    fds.push_back(unix_.get());
  }
}

Task<> AdminServer::leave() {
  unix_inode_ = 0;
  co_await stop();
}

Task<> AdminServer::stop() {
  acceptors_.clear();
  tcp_.reset();
  unix_.reset();
  // Another weir may have put its own there meanwhile.
  struct stat about{};
  if (unix_inode_ != 0 && ::lstat(unix_path_.c_str(), &about) == 0 && about.st_ino == unix_inode_) {
    ::unlink(unix_path_.c_str());
  }
  unix_inode_ = 0;
  context_.streams.ending = true;
  for (net::Signal* one : context_.streams.all) one->set();
  for (Session* one = first_session_; one; one = one->next) one->server.drain();
  const Time end = reactor_.now() + kLastAnswers;
  while (sessions_.running() > 0 && reactor_.now() < end) {
    const net::Deadline soon(reactor_.now() + 5ms);
    co_await net::sleep(reactor_, soon);
  }
  for (Session* one = first_session_; one; one = one->next) one->server.abort();
  co_await sessions_.close();
}

void AdminServer::accepted(net::Fd fd, const net::Address& peer) {
  if (sessions_.running() >= kMostSessions) return;  // closed at once
  const http::Peer who = http::peer_of(fd.get(), peer);
  net::Owned<net::Stream> stream = net::Stream::adopt(reactor_, std::move(fd));
  if (stream) sessions_.spawn(session(std::move(stream), who));
}

Task<> AdminServer::session(net::Owned<net::Stream> stream, http::Peer peer) {
  Session session(*this, std::move(stream), peer);
  co_await session.server.run();
}

// Before the first version is published, and on the way out, there is nothing to change.
std::optional<Answer> AdminServer::too_early_or_late(Need need, Operation operation) const {
  const control::Control& control = context_.control;
  if (need == Need::nothing || need == Need::reading || control.ready()) return std::nullopt;
  if (!control.snapshot()) return error_answer(503, "unavailable", "weir is still starting");
  if (need == Need::owner || operation == &api::stop) return std::nullopt;
  return error_answer(409, "conflict", "weir is stopping: it drains what is in flight");
}

Task<Answer> AdminServer::answer(http::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  const Found found = find_route(head.method, head.path);
  const bool reads = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
  const Need need = found.route ? found.route->need : reads ? Need::reading : Need::change;
  const Verdict verdict = judge(door_, caller_of(exchange), need);
  if (!verdict.ok()) co_return refusal(verdict);
  if (!found.route && !found.allow.empty()) {
    Answer answer = error_answer(405, "method_not_allowed", "this path takes " + found.allow);
    answer.allow = found.allow;
    co_return answer;
  }
  if (!found.route) co_return error_answer(404, "not_found", "there is nothing at this path");

  if (auto early = too_early_or_late(found.route->need, found.route->operation)) {
    co_return *std::move(early);
  }

  Ask ask;
  ask.name = found.name;
  ask.query = head.query;
  ask.local = exchange.peer().ip == Ip{};
  for (const HeaderView& field : head.fields.list) {
    if (equal_ignoring_case(field.name, "content-type")) ask.content_type = field.value;
    if (equal_ignoring_case(field.name, "last-event-id")) ask.last_event_id = field.value;
  }
  bool last = head.framing.kind == http::Framing::Kind::none;
  while (!last) {
    const http::Piece piece = co_await exchange.read_body(exchange.gone());
    if (piece.status != net::Io::ok) {
      co_return error_answer(piece.refuse ? piece.refuse : 400, "bad_request",
                             piece.refuse ? piece.reason : "the body did not arrive");
    }
    if (ask.body.size() + piece.bytes.size() > kMostBody) {
      co_return error_answer(413, "limit", "a request of this API has at most 4 MiB");
    }
    ask.body.append(piece.bytes);
    last = piece.last;
  }
  co_return co_await found.route->operation(context_, ask);
}

// The connection goes on in other hands; here it ends without a word.
Task<> AdminServer::give_away(http::Exchange& exchange, const Answer& said) {
  http::Reply reply;
  reply.status = said.status;
  const net::Io sent = co_await exchange.start(reply, "", true);
  std::string early;
  net::Fd fd(::fcntl(exchange.tunnel(early)->fd(), F_DUPFD_CLOEXEC, 3));
  exchange.abort();
  if (sent == net::Io::ok && fd) said.tunnel(std::move(fd));
}

Task<> AdminServer::handle(http::Exchange& exchange) {
  if (amazon::Door::takes(exchange.request())) {
    const Verdict page = judge_page(door_, caller_of(exchange), Need::change);
    auto handling = aws_.handle(exchange, page.message);
    co_await handling;
    co_return;
  }
  const Answer said = co_await answer(exchange);
  if (said.tunnel) {
    co_await give_away(exchange, said);
    co_return;
  }
  if (said.stream) {
    auto streaming = said.stream(exchange);
    co_await streaming;
    co_return;
  }
  std::vector<HeaderView> fields = {{"Cache-Control", "no-store"},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"X-Frame-Options", "DENY"}};
  if (!said.allow.empty()) fields.push_back({"Allow", said.allow});
  if (said.challenge) fields.push_back({"WWW-Authenticate", "Bearer realm=\"weir\""});
  co_await exchange.respond(said.status, said.content_type, said.body, fields);
  if (said.after) said.after();
}

}  // namespace weir::api
