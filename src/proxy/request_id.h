// Ids for a request that brings none: X-Request-Id and a W3C trace context with the same trace id.
#pragma once

#include <array>
#include <string_view>

#include "base/random.h"

namespace weir::proxy {

// https://www.w3.org/TR/trace-context/ version 00, sampled.
class RequestIds {
 public:
  explicit RequestIds(Random& random);
  std::string_view request_id() const { return {text_.data() + 3, 32}; }
  std::string_view traceparent() const { return {text_.data(), 55}; }

 private:
  std::array<char, 55> text_;
};

}  // namespace weir::proxy
