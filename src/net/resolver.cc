#include "net/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <sys/epoll.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace weir::net {
namespace {

constexpr Duration kShortest = 1s;
constexpr int kTimeoutMs = 2000;
constexpr int kTries = 2;

class CaresResolver final : public Resolver {
 public:
  explicit CaresResolver(Reactor& reactor) : reactor_(reactor), timer_(*this) {}
  ~CaresResolver() override {
    if (channel_) ::ares_destroy(channel_);
  }

  Result<> start(const std::string& servers) {
    static const int library = ::ares_library_init(ARES_LIB_INIT_ALL);
    if (library != ARES_SUCCESS) return fail(Code::internal, ::ares_strerror(library));
    ares_options options{};
    options.timeout = kTimeoutMs;
    options.tries = kTries;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<CaresResolver*>(self)->watch_socket(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int status = ::ares_init_options(
        &channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) return fail(Code::unavailable, ::ares_strerror(status));
    if (servers.empty()) return {};
    const int set = ::ares_set_servers_ports_csv(channel_, servers.c_str());
    if (set != ARES_SUCCESS) return fail(Code::invalid, ::ares_strerror(set));
    return {};
  }

  void resolve(const std::string& name, std::function<void(Result<Resolved>)> done) override {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    auto* question = new Question{*this, std::move(done)};
    asking_ = true;
    ::ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &CaresResolver::answered, question);
    asking_ = false;
    rearm();
  }

 private:
  struct Tick : Timer {
    explicit Tick(CaresResolver& r)
        : Timer([](Timer& timer) {
            auto& self = static_cast<Tick&>(timer).resolver;
            ::ares_process_fd(self.channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            self.rearm();
          }),
          resolver(r) {}
    CaresResolver& resolver;
  };

  struct Question {
    CaresResolver& resolver;
    std::function<void(Result<Resolved>)> done;
  };

  static void answered(void* argument, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<Question> question(static_cast<Question*>(argument));
    Result<Resolved> result = to_result(status, info);
    if (info) ::ares_freeaddrinfo(info);
    if (question->resolver.asking_) {  // from /etc/hosts, say
      question->resolver.reactor_.defer(
          [done = std::move(question->done), result = std::move(result)] { done(result); });
    } else {
      question->done(std::move(result));
    }
  }

  static Result<Resolved> to_result(int status, const ares_addrinfo* info) {
    if (status != ARES_SUCCESS) {
      const bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
      return fail(none ? Code::not_found : Code::unavailable, ::ares_strerror(status));
    }
    Resolved resolved;
    std::map<std::string, Address> addresses;  // by text: sorted, each once
    int ttl = std::numeric_limits<int>::max();
    for (const ares_addrinfo_node* node = info->nodes; node; node = node->ai_next) {
      const Address address(node->ai_addr, static_cast<socklen_t>(node->ai_addrlen));
      addresses.emplace(address.host(), address);
      ttl = std::min(ttl, node->ai_ttl);
    }
    if (addresses.empty()) return fail(Code::not_found, "the name has no address");
    for (const auto& [text, address] : addresses) resolved.addresses.push_back(address);
    resolved.valid = std::max<Duration>(kShortest, std::chrono::seconds(ttl));
    return resolved;
  }

  void watch_socket(int fd, bool readable, bool writable) {
    watches_.erase(fd);
    if (!readable && !writable) return;
    const std::uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
    watches_[fd] = watch(reactor_, fd, events, [this, fd](std::uint32_t got) {
      ::ares_process_fd(channel_, got & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD,
                        got & EPOLLOUT ? fd : ARES_SOCKET_BAD);
      rearm();
    });
  }

  void rearm() {
    timeval most{60, 0}, left{};
    const timeval* next = ::ares_timeout(channel_, &most, &left);
    const Duration wait =
        std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec);
    reactor_.timers().arm(timer_, watches_.empty() ? kNever : reactor_.now() + wait + 1ms);
  }

  Reactor& reactor_;
  Tick timer_;
  ares_channel channel_ = nullptr;
  bool asking_ = false;  // within resolve()
  std::map<int, Owned<Watch>> watches_;
};

}  // namespace

Result<std::unique_ptr<Resolver>> Resolver::make(Reactor& reactor, const std::string& servers) {
  auto resolver = std::make_unique<CaresResolver>(reactor);
  TRY_VOID(resolver->start(servers));
  return resolver;
}

}  // namespace weir::net
