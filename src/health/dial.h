// dial: the connection of one check, for checkers.
#pragma once

#include <string>

#include "health/checker.h"
#include "http/head.h"
#include "net/stream.h"

namespace weir::health {

struct Dialled {
  net::Owned<net::Stream> stream;  // null: `answer` says why
  Answer answer;
};

// To the endpoint's address, at options.port where that is given and there are ports. The address
// is numeric or unix:/path: names are resolved by whoever builds the snapshot.
Task<Dialled> dial(net::Reactor& reactor, const Endpoint& endpoint, const HealthCheck& options,
                   net::Deadline deadline);

// TLS upon the connection where the endpoint wants it; an empty stream and the reason where that
// fails. `protocol`: by ALPN; h2 must be agreed on.
Task<Dialled> secure(Dialled dialled, const Endpoint& endpoint, net::Deadline deadline,
                     const char* protocol = "http/1.1");

// Where a check goes, as text: the endpoint's address with options.port.
std::string checked_address(const Endpoint& endpoint, const HealthCheck& options);
// What it calls itself to be for: options.host, or that address.
std::string checked_host(const Endpoint& endpoint, const HealthCheck& options);

// What is read of an answer over HTTP.
inline constexpr http::HeadLimits kHeadLimits{16 * 1024, 100};
inline constexpr std::size_t kMostBody = 16 * 1024;

}  // namespace weir::health
