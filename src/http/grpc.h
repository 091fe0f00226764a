// grpc: what a proxy knows of gRPC: its media type, its deadline, its status. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/head.h"

namespace weir::http {

// The codes that weir gives or judges by.
enum class GrpcStatus : std::uint8_t {
  ok = 0,
  unknown = 2,
  deadline_exceeded = 4,
  permission_denied = 7,
  resource_exhausted = 8,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

// application/grpc, application/grpc+proto, application/grpc;...; not application/grpc-web.
bool is_grpc_type(std::string_view content_type);
bool is_grpc(const Fields& fields);

// How long a call may take, of the header grpc-timeout; nullopt without one, or with one that
// can't be read.
std::optional<Duration> parse_grpc_timeout(std::string_view value);
std::optional<Duration> grpc_timeout(const Fields& fields);

// What a gRPC client is told where weir answers with this status of HTTP.
GrpcStatus grpc_status_for(std::uint16_t http_status);
// The header grpc-status among these fields.
std::optional<std::uint32_t> grpc_status(const Fields& fields);
// Does it say that the endpoint is not well, as a 5xx does?
bool is_endpoint_failure(std::uint32_t grpc_status);
// A grpc-message: percent-encoded.
std::string grpc_message(std::string_view text);

}  // namespace weir::http
