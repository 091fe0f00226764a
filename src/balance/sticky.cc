#include "balance/sticky.h"

#include <algorithm>

#include "balance/rendezvous.h"
#include "base/hash.h"
#include "model/cookies.h"
#include "model/ticket.h"

namespace weir::balance {

std::shared_ptr<const Sticky> Sticky::make(
    const Stickiness& options, const std::string& group,
    std::span<const std::shared_ptr<const Endpoint>> endpoints, const SipKey& key) {
  if (options.type.empty()) return nullptr;
  return std::shared_ptr<const Sticky>(new Sticky(options, group, endpoints, key));
}

Sticky::Sticky(const Stickiness& options, const std::string& group,
               std::span<const std::shared_ptr<const Endpoint>> endpoints, const SipKey& key)
    : kind_(options.type == "source_ip"    ? Kind::source
            : options.type == "app_cookie" ? Kind::application_cookie
                                           : Kind::own_cookie),
      key_(key),
      scope_("endpoint of " + group),
      duration_(options.duration) {
  if (kind_ == Kind::own_cookie) {
    cookie_ = options.cookie.empty() ? "AWSALB" : options.cookie;
    cookie_cross_site_ = cookie_ + "CORS";
  } else {
    cookie_ = "AWSALBAPP-0";
    application_ = options.cookie;
  }
  for (const auto& endpoint : endpoints) {
    names_.push_back(name_of(*endpoint));
    by_name_.emplace(names_.back(), static_cast<EndpointIndex>(names_.size() - 1));
  }
}

std::uint64_t Sticky::name_of(const Endpoint& endpoint) const {
  return ticket_name(key_, endpoint.instance.empty() ? endpoint.address : endpoint.instance);
}

Sticky::Wish Sticky::wish(const RequestView& request, WallTime now) const {
  Wish wish;
  if (kind_ == Kind::source) {
    const auto& bytes = request.source.bytes;
    if (request.source == Ip{}) return wish;
    wish.source = hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) | 1;
    return wish;
  }
  bool application = kind_ == Kind::own_cookie;
  for (const HeaderView& line : request.headers) {
    if (!equal_ignoring_case(line.name, "cookie")) continue;
    std::string_view rest = line.value;
    while (const auto cookie = next_cookie(rest)) {
      if (kind_ == Kind::application_cookie && cookie->name == application_) application = true;
      const bool ours = cookie->name == cookie_ ||
                        (!cookie_cross_site_.empty() && cookie->name == cookie_cross_site_);
      // Several of one name may come, of other paths or groups: the first that is genuine counts.
      if (!ours || wish.name != 0) continue;
      wish.name = read_ticket(key_, scope_, cookie->value, now).value_or(0);
    }
  }
  if (!application) wish.name = 0;  // without its session there is nothing to stick to
  return wish;
}

Sticky::Choice Sticky::choose(const Wish& wish, const GroupView& group,
                              std::span<const EndpointId> tried) const {
  std::optional<EndpointIndex> at;
  if (wish.source != 0) {
    at =
        rendezvous(group, wish.source, names_, [&](EndpointIndex i) { return group.available(i); });
  } else if (const auto found = by_name_.find(wish.name); found != by_name_.end()) {
    if (found->second < group.size() && group.available(found->second)) at = found->second;
  }
  if (!at) return {};
  if (std::find(tried.begin(), tried.end(), group.endpoint(*at).id) != tried.end()) return {};
  // Slow start holds back new clients, not those that come back.
  if (!group.ungated().eligible(*at)) return {std::nullopt, true};
  return {at, false};
}

std::vector<std::string> Sticky::cookies(const Endpoint& endpoint, const Wish& wish, bool kept,
                                         std::span<const HeaderView> response, WallTime now) const {
  if (kind_ == Kind::source) return {};
  if (kind_ == Kind::application_cookie) {
    const bool sets = std::any_of(response.begin(), response.end(), [&](const HeaderView& line) {
      return equal_ignoring_case(line.name, "set-cookie") &&
             set_cookie_name(line.value) == application_;
    });
    if (!sets) return {};
  }
  const std::uint64_t name = kept && kind_ == Kind::own_cookie ? wish.name : name_of(endpoint);
  const std::string ticket = write_ticket(key_, scope_, name, now + duration_);
  std::vector<std::string> lines = {write_set_cookie(cookie_, ticket, duration_, CrossSite::no)};
  if (!cookie_cross_site_.empty()) {
    lines.push_back(write_set_cookie(cookie_cross_site_, ticket, duration_, CrossSite::yes));
  }
  return lines;
}

}  // namespace weir::balance
