// Sockets that speak from an address that is not this machine's (IP_TRANSPARENT).
#pragma once

#include "base/result.h"
#include "net/address.h"
#include "net/fd.h"

namespace weir::net {

// Not connected yet, bound to the source's IP address; the port is the kernel's choice. `type` is
// SOCK_STREAM or SOCK_DGRAM.
Result<Fd> transparent_socket(const Address& source, int type);

// May this process make them? The error says what is lacking.
Result<> may_be_transparent();

}  // namespace weir::net
