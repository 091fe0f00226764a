#include "proxy/request_id.h"

#include <cstdint>
#include <cstring>

namespace weir::proxy {
namespace {

constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kDigits[byte >> 4];
    pairs[2 * byte + 1] = kDigits[byte & 15];
  }
  return pairs;
}();

void write_hex(char* out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    std::memcpy(out + 2 * i, &kHexPairs[2 * (value >> 56)], 2);
    value <<= 8;
  }
}

}  // namespace

RequestIds::RequestIds(Random& random) {
  text_[0] = text_[1] = '0';
  text_[2] = text_[35] = text_[52] = '-';
  write_hex(&text_[3], random());
  write_hex(&text_[19], random() | 1);  // never all zero
  write_hex(&text_[36], random() | 1);
  text_[53] = '0';
  text_[54] = '1';
}

}  // namespace weir::proxy
