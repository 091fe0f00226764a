// The six wire forms, as a server needs them: a request to the value of its input, the value of an
// output or a fault to an answer. Any thread; pure.
#pragma once

#include <string_view>

#include "aws/fault.h"
#include "aws/reading.h"
#include "aws/shape.h"
#include "aws/value.h"
#include "aws/wire.h"

namespace weir::aws {

struct Decoded {
  Value input;  // a structure, also where the operation takes nothing
  Reading reading{};
};

// `body` is inflated. A body that cannot be read at all is a fault; so are members of another kind
// than the model says, all of them in one.
Reply<Decoded> decode_input(const Service& service, Protocol protocol, const Operation& operation,
                            const WireRequest& request, std::string_view body);

WireResponse encode_output(const Service& service, Protocol protocol, const Operation& operation,
                           const Value& output, std::string_view request_id);

// `service` may be null.
WireResponse encode_fault(const Service* service, Protocol protocol, const Fault& fault,
                          std::string_view request_id);

// The codes that AWS gives for what no operation has seen.
std::string_view validation_code(Protocol protocol, const Service* service);
std::string_view malformed_code(Protocol protocol);
std::string_view unknown_operation_code(Protocol protocol);

}  // namespace weir::aws
