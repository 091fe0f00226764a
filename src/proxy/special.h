// Special: what a request asks beyond being forwarded as it is: edited heads, stickiness, a copy
// for another group. There is none on the plain way, whose requests have a null pointer in its
// place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "balance/sticky.h"
#include "http/owned_head.h"
#include "proxy/hop.h"
#include "route/extras.h"

namespace weir::proxy {

// Header lines of an answer that weir makes itself. Views into `lines`.
class OwnAnswer {
 public:
  // `extras` of the rule; may be null. `more` outlives this.
  OwnAnswer(const route::Extras* extras, const RequestView& request,
            std::span<const HeaderView> more = {});
  std::span<const HeaderView> lines() const { return edited_.list; }

 private:
  route::EditedLines edited_;
};

// Lives in one request's coroutine.
struct Special {
  const RequestView& request;  // as the client sent it
  const route::Extras* extras = nullptr;
  std::vector<std::string> cookies{};  // Set-Cookie values of the response
  balance::Sticky::Wish wish{};
  bool full = false;     // the endpoint that the wish names is only full
  bool mirrors = false;  // a copy is to be made, once the body is here
  std::optional<http::OwnedHead> head{};
  std::optional<http::OwnedFields> response{};
  std::vector<HeaderView> response_lines{};
};

// forward() with what `extras` and the group's stickiness ask for. `cookies` are set as well.
// What it takes by reference outlives the task.
Task<> forward_special(Hop& hop, std::uint64_t key, const RequestView& request,
                       const route::Extras* extras, std::vector<std::string> cookies);

// The endpoint that the request sticks to, where it may be taken now.
std::optional<balance::EndpointIndex> sticky_choice(Passage& hop, const balance::GroupView& view,
                                                    std::span<const EndpointId> tried);
// The head of an endpoint's response, edited, with cookies; valid as long as the hop's special.
void dress(Hop& hop, const Endpoint& endpoint, http::Reply& reply);

}  // namespace weir::proxy
