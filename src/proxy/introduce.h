// introduce: what a new connection says of itself before it is served: the PROXY protocol header in
// front of its bytes, and the ClientHello of a TLS connection that is passed through.
#pragma once

#include "base/task.h"
#include "http/exchange.h"
#include "net/client_hello.h"
#include "net/reactor.h"

namespace weir::proxy {

// Takes the header off and puts whom it names into `who`; null when all is well, else why not.
Task<const char*> take_proxy_header(net::Reactor& reactor, int fd, http::Peer& who,
                                    net::Deadline deadline);

// Leaves every byte where it is. The result's kind is done, or its reason says why not.
Task<net::ClientHello> peek_client_hello(net::Reactor& reactor, int fd, net::Deadline deadline);

// Where the client connected to, if that is not known yet.
void note_local_ip(http::Peer& who, int fd);

// The address as net has it.
net::Address address_of(const Ip& ip, std::uint16_t port);

}  // namespace weir::proxy
