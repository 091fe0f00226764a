#include "route/extras.h"

namespace weir::route {

std::shared_ptr<const Extras> Extras::of(const Listener& listener, const Rule* rule) {
  static const Rule kNone;
  const Rule& own = rule ? *rule : kNone;
  const bool plain = listener.headers == Headers{} && own.access == Access{} &&
                     own.headers == Headers{} && own.rewrite == Rewrite{} && own.mirror == Mirror{};
  if (plain) return nullptr;
  Extras extras{AccessList(own.access), std::nullopt,
                Edits(listener.headers.request, own.headers.request),
                Edits(listener.headers.response, own.headers.response), own.mirror};
  if (!(own.rewrite == Rewrite{})) extras.rewriter.emplace(own.rewrite);
  return std::make_shared<const Extras>(std::move(extras));
}

}  // namespace weir::route
