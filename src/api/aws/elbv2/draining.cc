#include "api/aws/elbv2/draining.h"

#include <charconv>
#include <vector>

#include "api/aws/elbv2/attributes.h"

namespace weir::amazon::elbv2 {

bool is_drained(const Kept<TargetGroup>& group, const Kept<TargetDescription>& target,
                WallTime now) {
  const std::int64_t delay = number_of(attributes_of(group.value), group.attributes,
                                       "deregistration_delay.timeout_seconds");
  return now - target.made >= std::chrono::seconds(delay);
}

void forget_drained(ElbBook& book, WallTime now) {
  std::vector<std::string> over;
  for (const auto& [key, kept] : book.draining) {
    const auto* group = book.target_groups.find(key.substr(0, key.find('|')));
    if (group == nullptr || is_drained(*group, *kept, now)) over.push_back(key);
  }
  for (const std::string& key : over) book.draining.erase(key);
}

std::optional<std::int64_t> port_of_address(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == address.npos) return std::nullopt;
  std::int64_t port = 0;
  const char* end = address.data() + address.size();
  if (std::from_chars(address.data() + colon + 1, end, port).ptr != end) return std::nullopt;
  return port;
}

}  // namespace weir::amazon::elbv2
