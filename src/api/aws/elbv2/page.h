// Pages of a long answer: Marker, PageSize, NextMarker. A marker is the ARN with which the next
// page begins. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/aws/operation.h"

namespace weir::amazon::elbv2 {

inline constexpr std::size_t kLongestPage = 400;

// What is to be answered: ARNs and pointers, in order.
template <class T>
using Rows = std::vector<std::pair<std::string, const T*>>;

// Calls add(T) for each row of the page. The marker of the next; nullopt where there is none.
template <class T, class Add>
Reply<std::optional<std::string>> page(const Rows<T>& rows, const std::optional<std::string>& from,
                                       const std::optional<std::int64_t>& size, Add add) {
  std::size_t at = 0;
  if (from) {
    while (at < rows.size() && rows[at].first != *from) ++at;
    if (at == rows.size()) {
      return refuse("ValidationError", "The marker '" + *from + "' is not valid");
    }
  }
  const std::size_t most =
      size ? std::min(static_cast<std::size_t>(*size), kLongestPage) : kLongestPage;
  for (std::size_t n = 0; n < most && at < rows.size(); ++n, ++at) add(*rows[at].second);
  if (at == rows.size()) return std::optional<std::string>();
  return std::optional(rows[at].first);
}

}  // namespace weir::amazon::elbv2
