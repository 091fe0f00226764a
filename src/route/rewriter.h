// Rewriter: the host, path and query that an endpoint sees instead of the client's; compiled from a
// rule's `rewrite:`. Takes time in proportion to the request's target.
#pragma once

#include <optional>
#include <string>

#include "base/regex.h"
#include "model/desired.h"
#include "model/request_view.h"
#include "route/pattern.h"

namespace weir::route {

// What is not there stays as it is.
struct Rewritten {
  std::optional<std::string> host;  // with its port where it is to have one
  std::optional<std::string> path;
  std::optional<std::string> query;
};

// Any thread.
class Rewriter {
 public:
  explicit Rewriter(const Rewrite& rewrite);
  Rewritten apply(const RequestView& request) const;

 private:
  std::optional<std::string> path_of(const RequestView& request) const;

  Rewrite rewrite_;
  std::optional<Pattern> host_;
  std::optional<Pattern> path_;
  std::optional<Regex> host_regex_;
  std::optional<Regex> path_regex_;
};

}  // namespace weir::route
