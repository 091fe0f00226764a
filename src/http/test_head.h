// What the tests of heads share: bytes with exactly the slack that a parser may read.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>

#include "http/head.h"

namespace weir::http {

using Kind = Parsed::Kind;

// Bytes with exactly the slack that the parser may read behind them, filled with what would change
// the answer if it were looked at.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : memory_(new char[text.size() + 16]), size_(text.size()) {
    std::memcpy(memory_.get(), text.data(), text.size());
    std::memcpy(memory_.get() + text.size(), "\r\n\r\n\n:\r\n a:b\r\n\r", 16);
  }
  std::string_view view() const { return {memory_.get(), size_}; }

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t size_;
};

struct Request {
  explicit Request(std::string_view text, HeadLimits limits = {})
      : bytes(text), parsed(parse_request(bytes.view(), limits, head)) {}
  Bytes bytes;
  RequestHead head;
  Parsed parsed;
};
struct Response {
  explicit Response(std::string_view text, bool to_head = false, HeadLimits limits = {})
      : bytes(text), parsed(parse_response(bytes.view(), limits, to_head, head)) {}
  Bytes bytes;
  ResponseHead head;
  Parsed parsed;
};

}  // namespace weir::http
