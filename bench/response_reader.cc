#include "bench/response_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace weir::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::optional<std::uint64_t> to_number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The value, if the line is the header `name` (which ends in a colon).
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() < name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0) {
    return std::nullopt;
  }
  line.remove_prefix(name.size());
  while (line.starts_with(' ')) line.remove_prefix(1);
  while (line.ends_with(' ')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view ResponseReader::take_until(std::string_view end, std::string_view& bytes) {
  if (partial_.empty()) {
    const std::size_t at = bytes.find(end);
    if (at != std::string_view::npos) {
      const std::string_view taken = bytes.substr(0, at + end.size());
      bytes.remove_prefix(taken.size());
      return taken;
    }
  }
  const std::size_t known = partial_.size();
  partial_.append(bytes);
  const std::size_t at = partial_.find(end, known < end.size() ? 0 : known - end.size() + 1);
  if (at == std::string::npos) {
    bytes = {};
    return {};
  }
  const std::size_t size = at + end.size();
  bytes.remove_prefix(size - known);
  joined_.assign(partial_, 0, size);
  partial_.clear();
  return joined_;
}

bool ResponseReader::read_head(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
  const auto status = to_number(head.substr(9, 3), 10);
  if (!status) return false;
  status_ = static_cast<int>(*status);
  head.remove_prefix(head.find('\n') + 1);
  while (head.size() > kLineEnd.size()) {
    const std::string_view line = head.substr(0, head.find('\r'));
    head.remove_prefix(std::min(head.size(), line.size() + kLineEnd.size()));
    if (const auto length = value_of(line, "content-length:")) {
      const auto size = to_number(*length, 10);
      if (!size) return false;
      left_ = *size;
      state_ = State::sized;
      return true;
    }
    if (const auto coding = value_of(line, "transfer-encoding:")) {
      state_ = State::chunk_size;
      return *coding == "chunked";
    }
  }
  return false;
}

ResponseReader::Step ResponseReader::next(std::string_view& bytes) {
  for (;;) {
    if ((state_ == State::sized || state_ == State::chunk_data) && left_ > 0) {
      if (bytes.empty()) return {Kind::more};
      const std::string_view piece = bytes.substr(0, left_);
      bytes.remove_prefix(piece.size());
      left_ -= piece.size();
      return {Kind::body, piece};
    }
    if (state_ == State::sized) {
      state_ = State::head;
      return {Kind::done};
    }
    if (state_ == State::chunk_data) state_ = State::chunk_end;

    const std::string_view text = take_until(state_ == State::head ? kHeadEnd : kLineEnd, bytes);
    if (text.empty()) return {Kind::more};
    const std::string_view line = text.substr(0, text.size() - kLineEnd.size());
    switch (state_) {
      case State::head:
        if (!read_head(text)) return {Kind::wrong};
        break;
      case State::chunk_size: {
        const auto size = to_number(line.substr(0, line.find(';')), 16);
        if (!size) return {Kind::wrong};
        left_ = *size;
        state_ = left_ > 0 ? State::chunk_data : State::trailers;
        break;
      }
      case State::chunk_end:
        if (!line.empty()) return {Kind::wrong};
        state_ = State::chunk_size;
        break;
      case State::trailers:
        if (!line.empty()) break;
        state_ = State::head;
        return {Kind::done};
      case State::sized:
      case State::chunk_data:
        return {Kind::wrong};  // handled above
    }
  }
}

}  // namespace weir::bench
