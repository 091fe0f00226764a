// Sticky: brings a client back to the endpoint that it was sent to before, by a cookie or by its
// address. Made on the control side with each version of a group that has `stickiness:`. Pure.
//
// Endpoints are named by a keyed hash of their address, or of their instance, which the next
// version, another worker and a restarted weir with the same store compute alike.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "balance/eligibility.h"
#include "base/siphash.h"
#include "model/request_view.h"

namespace weir::balance {

// Any thread.
class Sticky final : public PlanBase {
 public:
  // `endpoints` are those of the group's version, in their order. Null without stickiness.
  static std::shared_ptr<const Sticky> make(
      const Stickiness& options, const std::string& group,
      std::span<const std::shared_ptr<const Endpoint>> endpoints, const SipKey& key);

  // What a request asks for; kept while it waits and retries, over versions of the group.
  struct Wish {
    std::uint64_t name = 0;    // of the endpoint in its cookie; 0: none
    std::uint64_t source = 0;  // hash of the client's address; 0: not by address
    explicit operator bool() const { return name != 0 || source != 0; }
  };
  Wish wish(const RequestView& request, WallTime now) const;

  // Is it this endpoint that the wish is for? By address there is no name: yes.
  bool names(const Wish& wish, const Endpoint& endpoint) const {
    return wish.source != 0 || wish.name == name_of(endpoint);
  }

  struct Choice {
    std::optional<EndpointIndex> endpoint;  // may be taken now
    // The endpoint is there and fit but full: another serves this request, and the client keeps
    // what it has.
    bool full = false;
  };
  // `tried`: where this request has failed.
  Choice choose(const Wish& wish, const GroupView& group, std::span<const EndpointId> tried) const;

  // The Set-Cookie values for a response of `endpoint` with these header lines; empty where there
  // is nothing to set. `kept`: Choice::full was so, and the wish's endpoint is named again.
  std::vector<std::string> cookies(const Endpoint& endpoint, const Wish& wish, bool kept,
                                   std::span<const HeaderView> response, WallTime now) const;

 private:
  enum class Kind : std::uint8_t { own_cookie, application_cookie, source };

  Sticky(const Stickiness& options, const std::string& group,
         std::span<const std::shared_ptr<const Endpoint>> endpoints, const SipKey& key);
  std::uint64_t name_of(const Endpoint& endpoint) const;

  Kind kind_;
  SipKey key_;
  std::string scope_;
  Duration duration_;
  std::string cookie_;             // weir's own
  std::string cookie_cross_site_;  // likewise; empty: none
  std::string application_;        // the application's
  std::vector<std::uint64_t> names_;
  std::unordered_map<std::uint64_t, EndpointIndex> by_name_;
};

}  // namespace weir::balance
