// Which service and operation a request asks for. Any thread; pure.
//
// The order is the one in which the wire forms cannot be confused: smithy-protocol header or
// /service/T/operation/O (CBOR), X-Amz-Target (JSON), the paths of the REST services, then a form
// with Action and Version (query, ec2), in the body or in the query of a GET.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/shape.h"
#include "aws/wire.h"

namespace weir::aws {

inline constexpr std::size_t kMostBody = 16 << 20;  // bytes, inflated

// By the head alone: is it worth to read the body and to ask find_target()?
bool looks_like_aws(const WireRequest& head);

struct Target {
  Protocol protocol = Protocol::query;
  const Service* service = nullptr;      // null: no service of ours
  const Operation* operation = nullptr;  // null: the service's model has none of that name
  std::string name;                      // the operation's name as asked; may be empty
  std::string body;                      // inflated
  std::optional<Fault> fault;            // why it cannot be served, where that is known already
};

// Inflates a gzip body, up to kMostBody. `service_hint` is the service of the signature's scope:
// it decides nothing but whose error form is used where the request names no service.
Target find_target(std::span<const Service* const> services, const WireRequest& request,
                   std::string_view service_hint = {});

}  // namespace weir::aws
