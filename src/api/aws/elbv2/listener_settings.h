// Listeners out of what a caller says: protocols, certificates, policies. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

struct ListenerSettings {
  std::optional<std::int64_t> port;
  std::optional<std::string> protocol;
  std::optional<std::string> policy;
  const ListOf<std::string>* alpn = nullptr;
  const ListOf<Certificate>* certificates = nullptr;
  const ListOf<Action>* actions = nullptr;
  std::optional<MutualAuthenticationAttributes> mutual;
};

// What is given takes the place of what `listener` has; then it must fit its load balancer.
Reply<void> set_listener(const Books& books, const ListenerSettings& wanted, Listener& listener);

}  // namespace weir::amazon::elbv2
