// identity: what a client's certificate says of it, as header fields for the endpoint.
#pragma once

#include "tls/codec.h"

namespace weir::tls {

// How much of it an endpoint is told; kept with the SSL_CTX of the listener.
enum class Mutual : std::uint8_t { off, verify, passthrough };
void set_mutual(SSL_CTX* ctx, Mutual mutual);

// After the handshake of a server. Names and forms are ALB's.
Identity identity_of(const SSL* ssl);

}  // namespace weir::tls
