#include "model/desired_validate.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "config/field.h"
#include "model/desired_fields.h"

namespace weir {

using config::Findings;
using config::Trail;

namespace {

template <class T>
void check_names(const Named<T>& resources, const Trail& section, Findings& findings) {
  for (const auto& [name, resource] : resources) {
    if (auto bad = syntax::resource_name(name)) {
      findings.add(section.enter(name), std::move(bad->what), std::move(bad->remedy));
    }
  }
}

void check_admin_hosts(const Desired& desired, const Trail& root, Findings& findings) {
  const Trail hosts = root.enter("admin").enter("hosts");
  for (std::size_t i = 0; i < desired.admin.hosts.size(); ++i) {
    const std::string& host = desired.admin.hosts[i];
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    if (host.empty() || host.find_first_not_of(kPlain) != std::string::npos) {
      findings.add(hosts.item(i), fmt::format("'{}' is not one host name", host),
                   "write names without port, scheme or pattern: [weir.example.com]");
    }
  }
}

void check_admin(const Desired& desired, const Trail& root, Findings& findings) {
  const auto address = syntax::split_address(desired.admin.bind);
  if (!address || syntax::is_loopback(*address) || !desired.admin.token_file.empty()) return;
  const Trail admin = root.enter("admin");
  findings.add(admin.enter("bind"),
               fmt::format("'{}' can be reached from other machines", desired.admin.bind),
               "set admin.token_file, or bind 127.0.0.1");
}

void check_anonymous(const Desired& desired, const Trail& root, Findings& findings) {
  const auto address = syntax::split_address(desired.admin.bind);
  if (!desired.admin.anonymous || !address || syntax::is_loopback(*address)) return;
  findings.add(root.enter("admin").enter("anonymous"),
               fmt::format("lets in everybody who reaches '{}'", desired.admin.bind),
               "bind 127.0.0.1, or leave it out and make access keys: weir credentials create");
}

void check_devices(const Desired& desired, const Trail& root, Findings& findings) {
  const Trail devices = root.enter("devices");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < desired.devices.size(); ++i) {
    const std::string& device = desired.devices[i];
    if (device.empty() || device.find(',') != std::string::npos) {
      findings.add(devices.item(i), fmt::format("'{}' is not one device", device),
                   "write a list, one device per item: [0, 1]");
    } else if (!seen.insert(device).second) {
      findings.add(devices.item(i), fmt::format("device {} is listed twice", device), "remove one");
    }
  }
}

// At most 64 MiB: a list of blocks, not a disk.
Result<std::string> read_small_file(const std::string& path) {
  constexpr std::streamsize kMost = 64 * 1024 * 1024;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::not_found, fmt::format("{}: {}", path, std::strerror(errno)));
  std::string text;
  for (char block[16 * 1024]; file.read(block, sizeof block) || file.gcount() > 0;) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (std::cmp_greater(text.size(), kMost)) {
      return fail(Code::limit, fmt::format("{} is larger than 64 MiB", path));
    }
  }
  if (file.bad()) return fail(Code::unavailable, fmt::format("{}: {}", path, std::strerror(errno)));
  return text;
}

}  // namespace

Host this_host() {
  Host host;
  host.read_file = read_small_file;
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  if (file >> first >> last && first <= last) host.local_ports = {first, last};
  std::ifstream reserved("/proc/sys/net/ipv4/ip_local_reserved_ports");  // 8080,20000-29999
  for (std::string part; std::getline(reserved, part, ',');) {
    std::istringstream numbers(part);
    char dash = 0;
    if (!(numbers >> first)) continue;
    last = first;
    if (numbers >> dash) numbers >> last;
    if (first <= last) host.reserved_ports.push_back({first, last});
  }
  return host;
}

void validate(const Desired& desired, const Host& host, Findings& findings) {
  const Trail root;
  config::type_of<Desired>().check(&desired, root, findings);
  const Trail listeners = root.enter("listeners");
  const Trail groups = root.enter("target_groups");
  const Trail scaling = root.enter("scaling_groups");
  check_names(desired.listeners, listeners, findings);
  check_names(desired.target_groups, groups, findings);
  check_names(desired.scaling_groups, scaling, findings);
  check_names(desired.alarms, root.enter("alarms"), findings);
  check_names(desired.notifications, root.enter("notifications"), findings);
  check_admin(desired, root, findings);
  check_admin_hosts(desired, root, findings);
  check_anonymous(desired, root, findings);
  check_devices(desired, root, findings);
  validate_listeners(desired, findings);
  validate_rules(desired, host, findings);
  validate_target_groups(desired, findings);
  validate_tls(desired, findings);
  validate_scaling(desired, host, findings);
  validate_notifications(desired, host, findings);
  validate_metrics(desired, findings);
  validate_alarms(desired, findings);
  if (host.inspect && findings.empty()) host.inspect(desired, findings);
}

}  // namespace weir
