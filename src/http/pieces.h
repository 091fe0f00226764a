// What a message on HTTP/1 is sent in: its pieces, as writev takes them.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <string_view>

namespace weir::http {

// Up to here a body piece is copied behind its head and sent in one call; above, two pieces are
// cheaper than the copy.
inline constexpr std::size_t kCopyBelow = 8 * 1024;
inline constexpr std::string_view kCrlf = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

inline iovec piece_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace weir::http
