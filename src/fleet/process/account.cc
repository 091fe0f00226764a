#include "fleet/process/account.h"

#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <optional>

namespace weir::fleet {
namespace {

std::optional<uid_t> as_number(const std::string& text) {
  uid_t uid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return uid;
}

}  // namespace

Result<Account> find_account(const std::string& user) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  const auto uid = as_number(user);
  const int error = uid ? ::getpwuid_r(*uid, &entry, buffer.data(), buffer.size(), &found)
                        : ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) {
    return fail(Code::not_found, error ? fmt::format("user '{}' cannot be looked up", user)
                                       : fmt::format("user '{}' does not exist", user));
  }
  const uid_t own = ::geteuid();
  if (own != 0 && own != entry.pw_uid) {
    return fail(Code::denied,
                fmt::format("weir runs as uid {} and may not start commands as user '{}': "
                            "run it as root, or leave `user` out",
                            own, user));
  }
  Account account{entry.pw_uid, entry.pw_gid, {}, entry.pw_name, entry.pw_dir, entry.pw_shell};
  int count = 64;
  account.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count) < 0) {
    account.groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count);
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

}  // namespace weir::fleet
