// Extras: what a rule does to a request beside its action: who may use it, what is rewritten,
// edited and mirrored. Rules that do nothing of it have none.
#pragma once

#include <memory>
#include <optional>

#include "model/desired.h"
#include "route/access.h"
#include "route/edits.h"
#include "route/rewriter.h"

namespace weir::route {

// Any thread.
struct Extras {
  AccessList access;
  std::optional<Rewriter> rewriter;
  Edits request;
  Edits response;
  Mirror mirror;  // to no group: none

  // Of `rule`, or of the default action where it is null; null where there is nothing to do.
  static std::shared_ptr<const Extras> of(const Listener& listener, const Rule* rule);
};

}  // namespace weir::route
