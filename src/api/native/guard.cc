#include "api/native/guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "model/ip.h"
#include "model/request_view.h"
#include "net/fd.h"

namespace weir::api {
namespace {

constexpr std::size_t kShortestToken = 16;
constexpr Verdict kWelcome;

bool known_host(const Door& door, std::string_view host) {
  if (host.empty()) return false;
  if (parse_ip(host)) return true;
  if (equal_ignoring_case(host, "localhost") || equal_ignoring_case(host, door.bind_host)) {
    return true;
  }
  return std::any_of(door.hosts.begin(), door.hosts.end(),
                     [&](const std::string& known) { return equal_ignoring_case(host, known); });
}

bool same_origin(const Caller& caller) {
  return std::all_of(caller.origins.begin(), caller.origins.end(), [&](std::string_view origin) {
    constexpr std::string_view scheme = "http://";
    return origin.starts_with(scheme) && !caller.authority.empty() &&
           equal_ignoring_case(origin.substr(scheme.size()), caller.authority);
  });
}

// What a form of a web page cannot send.
bool deliberate_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::array<std::string_view, 5> kTypes = {
      "application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"};
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [&](std::string_view known) { return equal_ignoring_case(type, known); });
}

Verdict token_verdict(const Door& door, const Caller& caller) {
  if (door.token.empty()) {
    return {403, "denied",
            "this needs the Unix socket of the admin listener; there is no admin.token_file"};
  }
  if (caller.authorizations.empty()) {
    return {401, "unauthorized", "this needs the Unix socket, or the token of admin.token_file"};
  }
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = caller.authorizations.front();
  const bool good = caller.authorizations.size() == 1 && given.size() > scheme.size() &&
                    equal_ignoring_case(given.substr(0, scheme.size()), scheme) &&
                    same_secret(given.substr(scheme.size()), door.token);
  if (!good) return {401, "unauthorized", "that is not the token of admin.token_file"};
  return kWelcome;
}

Verdict identity(const Door& door, const Caller& caller, Need need) {
  if (caller.local) {
    if (caller.uid == door.uid || caller.uid == 0) return kWelcome;
    return {403, "denied", "only the user that weir runs as, or root, may use this socket"};
  }
  if (need == Need::nothing || (need == Need::reading && door.loopback)) return kWelcome;
  return token_verdict(door, caller);
}

}  // namespace

bool same_secret(std::string_view given, std::string_view secret) {
  // volatile: the loop must not end early, however clever the compiler.
  volatile unsigned difference = given.size() == secret.size() && !secret.empty() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    difference = difference | static_cast<unsigned>(given[i] ^ other);
  }
  return difference == 0;
}

Verdict judge_page(const Door& door, const Caller& caller, Need need) {
  // No browser speaks over a Unix socket, and its clients put anything into Host.
  if (!caller.local && !known_host(door, caller.host)) {
    return {403, "denied",
            "the Host must be an IP address, localhost, the name of admin.bind, or in admin.hosts"};
  }
  if (!same_origin(caller)) {
    return {403, "denied", "requests of other web pages are not answered"};
  }
  if (need == Need::change && !caller.fetch_site.empty() && caller.fetch_site != "same-origin" &&
      caller.fetch_site != "none") {
    return {403, "denied", "requests of other web pages are not answered"};
  }
  return kWelcome;
}

Verdict judge(const Door& door, const Caller& caller, Need need) {
  if (const Verdict verdict = judge_page(door, caller, need); !verdict.ok()) return verdict;
  if (const Verdict verdict = identity(door, caller, need); !verdict.ok()) return verdict;
  const bool typed = !caller.content_type.empty();
  if (need == Need::change && (typed || caller.body) && !deliberate_type(caller.content_type)) {
    return {415, "invalid", "send it with Content-Type: application/json (or application/yaml)"};
  }
  return kWelcome;
}

Result<std::string> read_token(const std::string& path, std::uint32_t uid) {
  const auto context = fmt::format("admin.token_file {}", path);
  const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail(Code::unavailable, context + ": " + std::strerror(errno));
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return fail(Code::invalid, context + ": is not a file");
  }
  if ((about.st_mode & 077) != 0) {
    return fail(Code::denied,
                fmt::format("{}: others may read the token (mode {:04o}): chmod 600 {}", context,
                            about.st_mode & 07777, path));
  }
  if (about.st_uid != uid && about.st_uid != 0) {
    return fail(Code::denied, context + ": belongs to another user");
  }
  std::string token(4096, '\0');
  const ssize_t length = ::read(file.get(), token.data(), token.size());
  token.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  while (!token.empty() && std::strchr(" \t\r\n", token.back())) token.pop_back();
  if (token.size() < kShortestToken) {
    return fail(Code::invalid, fmt::format("{}: a token needs at least {} characters: "
                                           "openssl rand -hex 32 > {}",
                                           context, kShortestToken, path));
  }
  return token;
}

}  // namespace weir::api
