// h2_probe: one request over a connection of HTTP/2 of its own, for checkers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/checker.h"

namespace weir::health {

struct H2Request {
  std::string_view method = "GET";
  std::string_view path;
  std::string_view content_type;  // "" for none
  std::string body;
};

struct H2Found {
  Answer answer;  // whether there was a response at all
  std::uint16_t status = 0;
  std::string body;  // the first 16 KiB
  std::optional<std::uint32_t> grpc_status;
};

// `endpoint` and `options` outlive it.
Task<H2Found> h2_probe(net::Reactor& reactor, const Endpoint& endpoint, const HealthCheck& options,
                       H2Request request, net::Deadline deadline);

// The status in a HealthCheckResponse of grpc.health.v1 with its five bytes in front; nullopt when
// it is none.
std::optional<std::uint64_t> serving_status(std::string_view body);

}  // namespace weir::health
