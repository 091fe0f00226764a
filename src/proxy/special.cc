#include "proxy/special.h"

#include <utility>

#include "proxy/forward.h"
#include "proxy/metrics.h"
#include "proxy/mirror.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

const balance::Sticky* sticky_of(const Passage& hop) {
  return static_cast<const balance::Sticky*>(hop.group->group->sticky.get());
}

void edit_request(Hop& hop, Special& special) {
  const route::Extras& extras = *special.extras;
  if (extras.request.empty() && !extras.rewriter) return;
  const http::RequestHead& head = hop.exchange.request();
  const route::EditedLines edited = extras.request.apply(head.fields.list, special.request);
  const route::Rewritten target =
      extras.rewriter ? extras.rewriter->apply(special.request) : route::Rewritten{};
  special.head.emplace(head, edited.list, target.host, target.path, target.query);
  hop.request = &special.head->head();
}

void count_stickiness(Hop& hop, const char* outcome) {
  hop.worker.sheet().counter(metrics::sticky_total, {hop.group->group->name, outcome}).add();
}

}  // namespace

OwnAnswer::OwnAnswer(const route::Extras* extras, const RequestView& request,
                     std::span<const HeaderView> more) {
  if (extras) {
    edited_ = extras->response.apply(more, request);
  } else {
    edited_.list.assign(more.begin(), more.end());
  }
}

Task<> forward_special(Hop& hop, std::uint64_t key, const RequestView& request,
                       const route::Extras* extras, std::vector<std::string> cookies) {
  Special special{request, extras};
  special.cookies = std::move(cookies);
  if (extras) edit_request(hop, special);
  if (const auto* sticky = sticky_of(hop)) {
    special.wish = sticky->wish(request, hop.worker.reactor().clock().wall());
  }
  special.mirrors = extras && wants_mirror(hop, extras->mirror);
  hop.special = &special;
  co_await forward(hop, key);
  if (special.mirrors) count_mirror(hop.worker, extras->mirror.group, "no_body");
  hop.special = nullptr;
}

std::optional<balance::EndpointIndex> sticky_choice(Passage& hop, const balance::GroupView& view,
                                                    std::span<const EndpointId> tried) {
  Special& special = *hop.special;
  const auto* sticky = sticky_of(hop);
  if (!sticky || !special.wish) return std::nullopt;
  const auto choice = sticky->choose(special.wish, view, tried);
  special.full = choice.full;
  return choice.endpoint;
}

void dress(Hop& hop, const Endpoint& endpoint, http::Reply& reply) {
  Special& special = *hop.special;
  const http::Fields& fields = *reply.pass;
  if (const auto* sticky = sticky_of(hop)) {
    const WallTime now = hop.worker.reactor().clock().wall();
    for (std::string& line :
         sticky->cookies(endpoint, special.wish, special.full, fields.list, now)) {
      special.cookies.push_back(std::move(line));
    }
    count_stickiness(hop, !special.wish                           ? "new"
                          : special.full                          ? "full"
                          : sticky->names(special.wish, endpoint) ? "kept"
                                                                  : "lost");
  }
  if (special.extras && !special.extras->response.empty()) {
    const route::EditedLines edited = special.extras->response.apply(fields.list, special.request);
    special.response.emplace(edited.list);
    reply.pass = &special.response->fields();
  }
  for (const std::string& cookie : special.cookies) {
    special.response_lines.push_back({"Set-Cookie", cookie});
  }
  reply.add = special.response_lines;
}

}  // namespace weir::proxy
