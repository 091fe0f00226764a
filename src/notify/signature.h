// The signature of a webhook: HMAC-SHA256 (RFC 2104, FIPS 180-4) over when it was sent and what it
// says, so that a receiver knows who sent it and can refuse what is old. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::notify {

// Hexadecimal, of "TIMESTAMP.BODY". `timestamp` in seconds since 1970.
std::string signature(std::string_view secret, std::int64_t timestamp, std::string_view body);

}  // namespace weir::notify
