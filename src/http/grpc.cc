#include "http/grpc.h"

#include <algorithm>
#include <charconv>

#include "http/chars.h"

namespace weir::http {
namespace {

std::string_view find(const Fields& fields, std::string_view name) {
  for (const HeaderView& field : fields.list) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

}  // namespace

bool is_grpc_type(std::string_view content_type) {
  constexpr std::string_view kType = "application/grpc";
  if (content_type.size() < kType.size() || !same(content_type.substr(0, kType.size()), kType)) {
    return false;
  }
  const std::string_view rest = content_type.substr(kType.size());
  return rest.empty() || rest.front() == '+' || rest.front() == ';' || rest.front() == ' ';
}

bool is_grpc(const Fields& fields) { return is_grpc_type(find(fields, "content-type")); }

std::optional<Duration> parse_grpc_timeout(std::string_view value) {
  if (value.size() < 2 || value.size() > 9) return std::nullopt;  // at most 8 digits and a unit
  std::uint32_t count = 0;
  const char* const unit = value.data() + value.size() - 1;
  const auto [end, error] = std::from_chars(value.data(), unit, count);
  if (error != std::errc() || end != unit) return std::nullopt;
  switch (*unit) {
    case 'H':
      return std::min<std::uint32_t>(count, 8760) * Duration(1h);  // a year is long enough
    case 'M':
      return std::min<std::uint32_t>(count, 8760 * 60) * Duration(1min);
    case 'S':
      return count * Duration(1s);
    case 'm':
      return count * Duration(1ms);
    case 'u':
      return count * Duration(1us);
    case 'n':
      return Duration(count);
    default:
      return std::nullopt;
  }
}

std::optional<Duration> grpc_timeout(const Fields& fields) {
  const std::string_view value = find(fields, "grpc-timeout");
  return value.empty() ? std::nullopt : parse_grpc_timeout(value);
}

GrpcStatus grpc_status_for(std::uint16_t http_status) {
  switch (http_status) {
    case 400:
      return GrpcStatus::internal;
    case 401:
      return GrpcStatus::unauthenticated;
    case 403:
      return GrpcStatus::permission_denied;
    case 404:
      return GrpcStatus::unimplemented;
    case 413:
    case 431:
      return GrpcStatus::resource_exhausted;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus::unavailable;
    default:
      return GrpcStatus::unknown;
  }
}

std::optional<std::uint32_t> grpc_status(const Fields& fields) {
  const std::string_view value = find(fields, "grpc-status");
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), code);
  if (value.empty() || error != std::errc() || end != value.data() + value.size()) {
    return std::nullopt;
  }
  return code;
}

bool is_endpoint_failure(std::uint32_t grpc_status) {
  switch (static_cast<GrpcStatus>(grpc_status)) {
    case GrpcStatus::unknown:
    case GrpcStatus::internal:
    case GrpcStatus::unavailable:
    case GrpcStatus::data_loss:
      return grpc_status < 256;
    default:
      return false;
  }
}

std::string grpc_message(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string out;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7f && c != '%') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

}  // namespace weir::http
