#include "fleet/process/environment.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

namespace weir::fleet {
namespace {

// Collects variables; the first to give a name wins.
class Variables {
 public:
  void add(std::string_view name, std::string_view value) {
    if (names_.insert(std::string(name)).second) all_.push_back(fmt::format("{}={}", name, value));
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::set<std::string> names_;
  std::vector<std::string> all_;
};

}  // namespace

bool meant_for_weir(std::string_view name) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "LISTEN_FDS",     "LISTEN_FDNAMES", "LISTEN_PID",      "LISTEN_PIDFDID",
      "NOTIFY_SOCKET",  "WATCHDOG_PID",   "WATCHDOG_USEC",   "INVOCATION_ID",
      "JOURNAL_STREAM", "MAINPID",        "SYSTEMD_EXEC_PID"};
  return name.starts_with("WEIR_") || std::ranges::find(kNames, name) != kNames.end();
}

std::string expand(std::string_view text, const Given& given) {
  const std::array<std::pair<std::string, std::string>, 2> values = {{
      {fmt::format("${{{}}}", kPortVariable), std::to_string(given.port)},
      {fmt::format("${{{}}}", kInstanceVariable), given.instance},
  }};
  std::string out;
  while (!text.empty()) {
    const auto hit = std::ranges::find_if(
        values, [&](const auto& value) { return text.starts_with(value.first); });
    if (hit == values.end()) {
      const std::size_t plain = std::min(text.find('$', 1), text.size());
      out += text.substr(0, plain);
      text.remove_prefix(plain);
    } else {
      out += hit->second;
      text.remove_prefix(hit->first.size());
    }
  }
  return out;
}

std::vector<std::string> expand(const std::vector<std::string>& texts, const Given& given) {
  std::vector<std::string> all;
  for (const auto& text : texts) all.push_back(expand(text, given));
  return all;
}

std::vector<std::string> make_environment(const Launch& launch, const Given& given,
                                          const Account* account,
                                          const std::vector<std::string>& inherited) {
  Variables variables;
  // First, so that a look at the beginning of /proc/PID/environ finds them.
  variables.add(kInstanceVariable, given.instance);
  variables.add(kStoreVariable, given.store);
  variables.add(kPortVariable, std::to_string(given.port));
  if (!given.devices.empty()) {
    variables.add("CUDA_VISIBLE_DEVICES", fmt::format("{}", fmt::join(given.devices, ",")));
  }
  for (const auto& [name, value] : launch.environment) variables.add(name, expand(value, given));
  if (account) {
    variables.add("HOME", account->home);
    variables.add("USER", account->name);
    variables.add("LOGNAME", account->name);
    variables.add("SHELL", account->shell);
  }
  for (const std::string_view entry : inherited) {
    const auto equals = entry.find('=');
    if (equals == entry.npos || meant_for_weir(entry.substr(0, equals))) continue;
    variables.add(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables.take();
}

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry && *entry; ++entry) all.emplace_back(*entry);
  return all;
}

}  // namespace weir::fleet
