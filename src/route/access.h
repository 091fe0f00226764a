// AccessList: may this address come in? One look-up however many blocks there are: the blocks are
// flattened into ranges between which the answer changes, and a binary search counts the changes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "model/desired.h"
#include "model/ip.h"

namespace weir::route {

// Any thread.
class AccessList {
 public:
  // Lets everybody in.
  AccessList() = default;
  // Of the blocks in `allow` and `deny`; files have been read into them before. What cannot be
  // read is left out (config refuses it before): a file of nothing allows nobody.
  explicit AccessList(const Access& access);

  // The smallest block that holds the address decides; among equal ones, deny. A client without an
  // address, on a Unix socket, comes in.
  bool admits(const Ip& ip) const { return open_ || found(ip); }
  // Everybody comes in.
  bool open() const { return open_; }

 private:
  bool found(const Ip& ip) const;

  // Where the answer changes, ascending; before the first it is `rest`.
  template <class Number>
  struct Ranges {
    std::vector<Number> changes;
    bool rest = true;
    bool admits(Number address) const;
  };

  Ranges<std::uint32_t> v4_;
  Ranges<Uint128> v6_;
  bool open_ = true;
};

}  // namespace weir::route
