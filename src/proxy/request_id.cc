#include "proxy/request_id.h"

namespace weir::proxy {
namespace {

void write_hex(char* out, std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; --i) {
    out[i] = kDigits[value & 15];
    value >>= 4;
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
