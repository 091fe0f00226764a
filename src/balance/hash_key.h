// HashKey: what of a request decides where a hashing algorithm sends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/request_view.h"

namespace weir::balance {

// Any thread.
class HashKey {
 public:
  // header:NAME, cookie:NAME, path (without the query), source, or flow: the client's address and
  // port with the listener's, for layer 4.
  static Result<HashKey> parse(std::string_view text);

  // The same on every worker, process and machine. Without that header or cookie, of the source.
  std::uint64_t of(const RequestView& request) const;

 private:
  enum class Kind : std::uint8_t { header, cookie, path, source, flow };
  HashKey(Kind kind, std::string_view name) : kind_(kind), name_(name) {}

  Kind kind_;
  std::string name_;
};

}  // namespace weir::balance
