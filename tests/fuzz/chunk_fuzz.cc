// ChunkDecoder: the same answer, payload and end whatever pieces the bytes arrive in, and a good
// body re-encoded decodes to the same payload.
// sources: src/http/chunk.cc src/base/check.cc
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/chunk.h"

namespace {

using weir::http::ChunkDecoder;

struct Decoded {
  ChunkDecoder::Status status = ChunkDecoder::Status::more;
  std::string payload;
  std::string trailers;
  std::size_t consumed = 0;
};

// Feeds pieces of `step` bytes, each in a buffer of exactly its size, so that ASan sees an overrun.
Decoded decode(std::string_view bytes, std::size_t step) {
  Decoded out;
  ChunkDecoder decoder;
  while (!bytes.empty() && out.status == ChunkDecoder::Status::more) {
    const std::string_view piece = bytes.substr(0, step);
    std::vector<char> buffer(piece.begin(), piece.end());
    buffer.shrink_to_fit();
    const auto fed = decoder.feed(std::span<char>(buffer));
    CHECK(fed.payload <= buffer.size() && fed.consumed <= buffer.size());
    CHECK(fed.status != ChunkDecoder::Status::more || fed.consumed == buffer.size());
    out.payload.append(buffer.data(), fed.payload);
    out.consumed += fed.consumed;
    out.status = fed.status;
    bytes.remove_prefix(piece.size());
  }
  out.trailers = decoder.trailers();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = 1 + data[0] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Decoded whole = decode(bytes, bytes.size() + 1);
  const Decoded pieces = decode(bytes, step);

  CHECK(whole.status == pieces.status);
  CHECK(whole.payload == pieces.payload);
  if (whole.status != ChunkDecoder::Status::bad) {
    CHECK(whole.consumed == pieces.consumed);
    CHECK(whole.trailers == pieces.trailers);
  }
  if (whole.status == ChunkDecoder::Status::done && !whole.payload.empty()) {
    char length[32];
    std::snprintf(length, sizeof length, "%zx\r\n", whole.payload.size());
    const std::string again = length + whole.payload + "\r\n0\r\n\r\n";
    const Decoded same = decode(again, step);
    CHECK(same.status == ChunkDecoder::Status::done);
    CHECK(same.payload == whole.payload);
    CHECK(same.consumed == again.size());
  }
  return 0;
}
