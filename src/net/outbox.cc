#include "net/outbox.h"

#include <cstring>

#include "net/stream.h"

namespace weir::net {

bool Outbox::put(Stream& stream, std::span<const iovec> pieces, std::size_t total) {
  if (!open_ || total > kLetter) return false;
  if (used_ + total > kRoom) send();
  if (!bytes_) bytes_.reset(new char[kRoom]);
  letters_.push_back(
      {&stream, static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(total)});
  for (const iovec& piece : pieces) {
    if (piece.iov_len == 0) continue;
    std::memcpy(bytes_.get() + used_, piece.iov_base, piece.iov_len);
    used_ += piece.iov_len;
  }
  return true;
}

void Outbox::send() {
  for (const Letter& letter : letters_) {
    letter.stream->send_posted({bytes_.get() + letter.begin, letter.size});
  }
  letters_.clear();
  used_ = 0;
}

}  // namespace weir::net
