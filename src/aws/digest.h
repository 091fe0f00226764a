// digest: SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104) of OpenSSL, as signatures need them.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir::aws {

// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);
// 64 hexadecimal digits, lower case.
std::string sha256_hex(std::string_view text);
// Two digits a byte, lower case.
std::string hex(std::string_view bytes);
// Takes as long for any two texts of that length.
bool same_bytes(std::string_view a, std::string_view b);

}  // namespace weir::aws
