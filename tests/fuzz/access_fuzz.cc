// Files of CIDR blocks and the lists made of them: a look-up in the list says what asking each
// block says, at the ends of each block and beside them.
// sources: src/route/access.cc src/model/cidr_file.cc src/model/ip.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "model/cidr_file.h"
#include "route/access.h"

namespace {

using namespace weir;

Ip next_to(Ip ip, int step) {
  for (std::size_t i = 16; i-- > 0;) {
    const int value = ip.bytes[i] + step;
    ip.bytes[i] = static_cast<std::uint8_t>(value);
    if (value >= 0 && value <= 255) break;
  }
  return ip;
}

Ip last_of(Cidr block) {
  for (unsigned bit = block.bits; bit < 128; ++bit) {
    block.base.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80u >> bit % 8);
  }
  return block.base;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CidrLines lines = read_cidr_lines(text);
  if (lines.blocks.size() > 200) return 0;
  Access access;
  std::vector<std::pair<Cidr, bool>> blocks;
  std::vector<Ip> probes;
  for (std::size_t i = 0; i < lines.blocks.size(); ++i) {
    const bool allow = lines.blocks[i].size() % 2 == 0;
    (allow ? access.allow : access.deny).push_back(lines.blocks[i]);
    const auto block = parse_cidr(lines.blocks[i]);
    CHECK(block);
    blocks.emplace_back(*block, allow);
    for (const Ip& end : {block->base, last_of(*block)}) {
      for (const int step : {-1, 0, 1}) probes.push_back(next_to(end, step));
    }
  }
  const route::AccessList list(access);
  for (const Ip& ip : probes) {
    int best = -1;
    bool want = access.allow.empty();
    for (const auto& [block, allow] : blocks) {
      if (!block.contains(ip) || block.bits < best) continue;
      want = block.bits == best ? want && allow : allow;
      best = block.bits;
    }
    CHECK(list.admits(ip) == (ip == Ip{} ? true : want));
  }
  return 0;
}
