#include "app/takeover.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "net/address.h"
#include "net/pass_fds.h"

namespace weir::app {
namespace {

constexpr timeval kPatience{60, 0};  // the earlier one waits for what it is just starting
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;
constexpr char kAsk[] =
    "POST /api/v1/takeover HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: weir-takeover\r\n\r\n";

Result<net::Fd> connect_to(const std::string& socket) {
  TRY(const net::Address address, net::parse_address("unix:" + socket));
  net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(fd.get(), address.data(), address.length()) != 0) {
    return fail(Code::unavailable, std::string(std::strerror(errno)) +
                                       ": no weir runs there; start one without --takeover");
  }
  return fd;
}

// What comes over the link, read as it is asked for.
class Heard {
 public:
  explicit Heard(int fd) : fd_(fd) {}
  // With its end.
  Result<std::string> until(std::string_view end) {
    std::size_t at = 0;
    while ((at = bytes_.find(end)) == std::string::npos) TRY_VOID(more());
    std::string text = bytes_.substr(0, at + end.size());
    bytes_.erase(0, at + end.size());
    return text;
  }
  Result<std::string> to_the_end() {
    while (more()) {
    }
    return bytes_;
  }
  Result<> wait_for_fds(std::size_t count) {
    while (fds.size() < count) TRY_VOID(more());
    return {};
  }

  std::vector<net::Fd> fds;

 private:
  Result<> more() {
    TRY(const std::string got, net::receive_with_fds(fd_, fds));
    if (got.empty()) return fail(Code::unavailable, "the weir that runs has broken off");
    if (bytes_.size() > kMostBytes) return fail(Code::invalid, "the weir that runs says too much");
    bytes_ += got;
    return {};
  }
  int fd_;
  std::string bytes_;
};

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(a, ignored) ==
         std::filesystem::weakly_canonical(b, ignored);
}

Result<Inheritance> ask(const std::string& socket, const std::string& state_path) {
  Inheritance all;
  TRY(all.link, connect_to(socket));
  if (::send(all.link.get(), kAsk, sizeof kAsk - 1, MSG_NOSIGNAL) != sizeof kAsk - 1) {
    return fail(Code::unavailable, std::strerror(errno));
  }
  Heard heard(all.link.get());
  TRY(const std::string head, heard.until("\r\n\r\n"));
  if (!head.starts_with("HTTP/1.1 101 ")) {
    const std::string body = heard.to_the_end().value_or("");
    return fail(Code::conflict, "it refuses: " + head.substr(9, head.find('\r') - 9) + " " + body);
  }
  TRY(const std::string line, heard.until("\n"));
  TRY(all.handover, control::parse_handover(line));
  const control::Handover& said = all.handover;
  if (!same_file(said.state_path, state_path)) {
    return fail(Code::invalid, "its state is in " + said.state_path + ", that of FILE in " +
                                   state_path + ": state.path can only change with a restart");
  }
  std::size_t count = (said.admin_bind.empty() ? 0 : 1) + (said.admin_socket.empty() ? 0 : 1);
  for (const auto& listener : said.listeners) count += listener.fds;
  TRY_VOID(heard.wait_for_fds(count));
  std::size_t next = 0;
  for (const auto& listener : said.listeners) {
    for (std::uint32_t i = 0; i < listener.fds; ++i) {
      net::Inherited one;
      one.name = listener.name;
      one.bind = listener.bind;
      one.fd = std::move(heard.fds[next++]);
      one.address = net::local_address(one.fd.get());
      all.listeners.push_back(std::move(one));
    }
  }
  if (!said.admin_bind.empty()) all.admin_tcp = std::move(heard.fds[next++]);
  if (!said.admin_socket.empty()) all.admin_unix = std::move(heard.fds[next++]);
  return all;
}

}  // namespace

Result<Inheritance> take_over(const std::string& socket, const std::string& state_path) {
  auto all = ask(socket, state_path);
  if (!all) return fail("--takeover from " + socket, all.error());
  return all;
}

}  // namespace weir::app
