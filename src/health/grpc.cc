// The grpc check: grpc.health.v1.Health/Check, or what `path` names, over HTTP/2. The
// grpc-status decides, and what the Health service says of itself where it is the one that is
// asked.
#include <fmt/format.h>

#include "health/codes.h"
#include "health/h2_probe.h"
#include "http/grpc.h"

namespace weir::health {
namespace {

using enum Answer::Result;

constexpr std::string_view kHealthPath = "/grpc.health.v1.Health/Check";

// A message of gRPC: not compressed, four bytes of length, then HealthCheckRequest in protobuf:
// field 1, a string.
std::string request_message(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message.push_back('\x0a');
    std::size_t size = service.size();
    for (; size >= 0x80; size >>= 7) message.push_back(static_cast<char>(size | 0x80));
    message.push_back(static_cast<char>(size));
    message.append(service);
  }
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(message.size() >> shift));
  }
  return out + message;
}

std::string_view status_name(std::uint64_t status) {
  switch (status) {
    case 0:
      return "UNKNOWN";
    case 1:
      return "SERVING";
    case 2:
      return "NOT_SERVING";
    case 3:
      return "SERVICE_UNKNOWN";
    default:
      return "a status that is not known";
  }
}

class Grpc final : public Checker {
 public:
  explicit Grpc(net::Reactor& reactor) : reactor_(reactor) {}

  Task<Answer> check(const Endpoint& endpoint, const HealthCheck& options,
                     net::Deadline deadline) override {
    const bool standard = options.path == HealthCheck().path || options.path == kHealthPath;
    H2Request request;
    request.method = "POST";
    request.path = standard ? kHealthPath : std::string_view(options.path);
    request.content_type = "application/grpc";
    request.body = request_message(standard ? options.service : "");
    H2Found found = co_await h2_probe(reactor_, endpoint, options, std::move(request), deadline);
    if (!found.answer.passed()) co_return std::move(found.answer);
    if (!found.grpc_status) {
      co_return Answer(failed, fmt::format("{} without a grpc-status", found.status));
    }
    if (!accepts(options.grpc_codes, static_cast<std::uint16_t>(*found.grpc_status))) {
      co_return Answer(failed, fmt::format("grpc-status {}", *found.grpc_status));
    }
    if (!standard || *found.grpc_status != 0) {
      co_return Answer(passed, fmt::format("grpc-status {}", *found.grpc_status));
    }
    const std::optional<std::uint64_t> status = serving_status(found.body);
    if (!status) co_return Answer(failed, "an answer that is no HealthCheckResponse");
    co_return Answer(*status == 1 ? passed : failed, std::string(status_name(*status)));
  }

 private:
  net::Reactor& reactor_;
};

}  // namespace

std::optional<std::uint64_t> serving_status(std::string_view body) {
  if (body.size() < 5 || body[0] != '\0') return std::nullopt;
  std::uint32_t size = 0;
  for (int i = 1; i < 5; ++i) size = size << 8 | static_cast<unsigned char>(body[i]);
  body.remove_prefix(5);
  if (size > body.size()) return std::nullopt;
  body = body.substr(0, size);
  const auto varint = [&]() -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !body.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(body.front());
      body.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  };
  std::uint64_t status = 0;  // what is not sent is zero
  while (!body.empty()) {
    const auto key = varint();
    if (!key) return std::nullopt;
    std::optional<std::uint64_t> skip;
    switch (*key & 7) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        if (*key >> 3 == 1) status = *value;
        skip = 0;
        break;
      }
      case 1:
        skip = 8;
        break;
      case 2:
        skip = varint();
        break;
      case 5:
        skip = 4;
        break;
      default:
        break;
    }
    if (!skip || *skip > body.size()) return std::nullopt;
    body.remove_prefix(static_cast<std::size_t>(*skip));
  }
  return status;
}

std::unique_ptr<Checker> grpc(net::Reactor& reactor) { return std::make_unique<Grpc>(reactor); }

}  // namespace weir::health
