#include "aws/inflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

namespace weir::aws {
namespace {

constexpr int kGzipOrZlib = 15 + 32;
constexpr std::size_t kStep = 64 << 10;

struct Ending {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

Result<std::string> inflate(std::string_view bytes, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK)
    return fail(Code::internal, "zlib does not start");
  const std::unique_ptr<z_stream, Ending> ending(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t before = text.size();
    text.resize(std::min(before + kStep, most + 1));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = static_cast<uInt>(text.size() - before);
    state = ::inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (text.size() > most) {
      return fail(Code::limit, fmt::format("the body inflates to more than {} bytes", most));
    }
  }
  if (state != Z_STREAM_END) return fail(Code::invalid, "the body is no gzip, or ends early");
  return text;
}

}  // namespace weir::aws
