#include "route/group_cookie.h"

#include "model/cookies.h"
#include "model/ticket.h"

namespace weir::route {
namespace {

constexpr std::string_view kScope = "target group";

}  // namespace

const Forward::Share* remembered_share(const Forward& forward, const RequestView& request,
                                       const SipKey& key, WallTime now) {
  for (const HeaderView& line : request.headers) {
    if (!equal_ignoring_case(line.name, "cookie")) continue;
    std::string_view rest = line.value;
    while (const auto cookie = next_cookie(rest)) {
      if (cookie->name != kGroupCookie && cookie->name != kGroupCookieCrossSite) continue;
      const auto name = read_ticket(key, kScope, cookie->value, now);
      if (!name) continue;
      for (const Forward::Share& share : forward.groups) {
        if (share.weight > 0 && ticket_name(key, share.group) == *name) return &share;
      }
    }
  }
  return nullptr;
}

std::array<std::string, 2> group_cookies(const Forward& forward, const std::string& group,
                                         const SipKey& key, WallTime now) {
  const std::string ticket =
      write_ticket(key, kScope, ticket_name(key, group), now + forward.stickiness);
  return {write_set_cookie(kGroupCookie, ticket, forward.stickiness, CrossSite::no),
          write_set_cookie(kGroupCookieCrossSite, ticket, forward.stickiness, CrossSite::yes)};
}

}  // namespace weir::route
