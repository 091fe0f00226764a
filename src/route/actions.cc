#include "route/actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "route/placeholders.h"

namespace weir::route {

std::string redirect_location(const Redirect& redirect, const RequestView& request) {
  const bool keeps = redirect.protocol.empty() || redirect.protocol == "#{protocol}";
  const std::string_view protocol = keeps ? request.scheme : std::string_view(redirect.protocol);
  const std::string host =
      redirect.host.empty() ? std::string(request.host) : filled(redirect.host, request);
  const std::uint16_t own =
      protocol == request.scheme && request.port != 0 ? request.port : default_port(protocol);
  const std::uint16_t asked = request.port != 0 ? request.port : default_port(request.scheme);
  std::uint16_t port = redirect.port.value_or(own);
  if (port == 0) port = asked;  // #{port}
  std::string path =
      redirect.path.empty() ? std::string(request.path) : filled(redirect.path, request);
  if (path.empty() || path.front() != '/') path.insert(path.begin(), '/');
  const std::string query =
      redirect.query ? filled(*redirect.query, request) : std::string(request.query);

  std::string location;
  if (!host.empty()) {  // an HTTP/1.0 client may not name one
    const bool bare_v6 = host.find(':') != host.npos && host.front() != '[';
    location = fmt::format(fmt::runtime(bare_v6 ? "{}://[{}]" : "{}://{}"), protocol, host);
    if (port != default_port(protocol)) location += fmt::format(":{}", port);
  }
  // Without a host, //name would be taken for one.
  const auto first = location.empty() ? path.find_first_not_of('/') : 1;
  location += fmt::format("/{}", std::string_view(path).substr(std::min(first, path.size())));
  return query.empty() ? location : fmt::format("{}?{}", location, query);
}

const Forward::Share* choose_share(const Forward& forward, Random& random) {
  std::uint64_t total = 0;
  for (const auto& share : forward.groups) total += share.weight;
  if (total == 0) return nullptr;
  std::uint64_t at = forward.groups.size() == 1 ? 0 : random.below(total);
  for (const auto& share : forward.groups) {
    if (at < share.weight) return &share;
    at -= share.weight;
  }
  return nullptr;
}

}  // namespace weir::route
