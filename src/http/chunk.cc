#include "http/chunk.h"

#include <algorithm>
#include <cstring>

namespace weir::http {
namespace {

constexpr int kMaxDigits = 15;
constexpr int kMaxExtension = 256;
constexpr std::size_t kMaxTrailers = 16 * 1024;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkDecoder::Fed ChunkDecoder::feed(std::span<char> bytes) {
  char* const begin = bytes.data();
  char* const end = begin + bytes.size();
  char* out = begin;
  char* p = begin;
  const auto answer = [&](Status status, const char* reason = "") {
    return Fed{status, static_cast<std::size_t>(out - begin), static_cast<std::size_t>(p - begin),
               reason};
  };
  while (p < end) {
    switch (state_) {
      case State::size_first:
        digits_ = 0;
        extension_ = 0;
        left_ = 0;
        if (hex(*p) < 0) return answer(Status::bad, "a chunk size that is not a number");
        state_ = State::size;
        [[fallthrough]];
      case State::size:
        if (const int digit = hex(*p); digit >= 0) {
          if (++digits_ > kMaxDigits) return answer(Status::bad, "a chunk size that is too large");
          left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
          ++p;
        } else if (*p == '\r') {
          ++p;
          state_ = State::size_lf;
        } else if (*p == ';') {
          ++p;
          state_ = State::extension;
        } else {
          return answer(Status::bad, "a bad byte in a chunk size");
        }
        break;
      case State::extension:
        if (*p == '\r') {
          ++p;
          state_ = State::size_lf;
        } else if ((static_cast<unsigned char>(*p) < 0x20 && *p != '\t') || *p == 0x7f ||
                   ++extension_ > kMaxExtension) {
          return answer(Status::bad, "a bad chunk extension");
        } else {
          ++p;
        }
        break;
      case State::size_lf:
        if (*p != '\n') return answer(Status::bad, "a chunk size that does not end its line");
        ++p;
        state_ = left_ > 0 ? State::data : State::trailer;
        break;
      case State::data: {
        const auto n = std::min<std::uint64_t>(left_, static_cast<std::uint64_t>(end - p));
        if (out != p) std::memmove(out, p, n);
        out += n;
        p += n;
        left_ -= n;
        if (left_ == 0) state_ = State::data_cr;
        break;
      }
      case State::data_cr:
        if (*p != '\r') return answer(Status::bad, "chunk data longer than its size");
        ++p;
        state_ = State::data_lf;
        break;
      case State::data_lf:
        if (*p != '\n') return answer(Status::bad, "chunk data that does not end its line");
        ++p;
        state_ = State::size_first;
        break;
      case State::trailer: {
        // Kept line by line until the empty one; checked as headers are (parse_trailers).
        const auto* lf =
            static_cast<char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
        const std::size_t n = static_cast<std::size_t>((lf ? lf + 1 : end) - p);
        if (trailers_.size() + n > kMaxTrailers)
          return answer(Status::bad, "trailers that are too large");
        trailers_.append(p, n);
        p += n;
        if (!lf) break;
        if (!trailers_.ends_with("\r\n"))
          return answer(Status::bad, "a bare line feed in the trailers");
        if (trailers_ == "\r\n") trailers_.clear();
        if (trailers_.empty() || trailers_.ends_with("\r\n\r\n")) {
          state_ = State::done;
          return answer(Status::done);
        }
        break;
      }
      case State::done:
        return answer(Status::done);
    }
  }
  return answer(state_ == State::done ? Status::done : Status::more);
}

}  // namespace weir::http
