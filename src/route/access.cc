#include "route/access.h"

#include <algorithm>

namespace weir::route {
namespace {

template <class Number>
struct Block {
  Number first;
  Number last;
  bool allow;
};

Uint128 number_of(const Ip& ip) {
  Uint128 number = 0;
  for (const std::uint8_t byte : ip.bytes) number = number << 8 | byte;
  return number;
}

// Blocks are apart or one inside the other, so that the open ones form a stack. Larger blocks come
// first, and of equal ones deny is the inner one.
template <class Number>
std::vector<Number> changes_of(std::vector<Block<Number>> blocks, bool rest) {
  std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.last != b.last) return a.last > b.last;
    return a.allow && !b.allow;
  });
  std::vector<std::pair<Number, bool>> answers;  // from there on
  const auto from = [&](Number at, bool allow) {
    if (!answers.empty() && answers.back().first == at) answers.pop_back();
    answers.emplace_back(at, allow);
  };
  std::vector<Block<Number>> open;
  const auto close = [&] {
    const Number last = open.back().last;
    open.pop_back();
    if (last == static_cast<Number>(-1)) return;
    from(last + 1, open.empty() ? rest : open.back().allow);
  };
  for (const auto& block : blocks) {
    while (!open.empty() && open.back().last < block.first) close();
    from(block.first, block.allow);
    open.push_back(block);
  }
  while (!open.empty()) close();

  std::vector<Number> changes;
  bool now = rest;
  for (const auto& [at, allow] : answers) {
    if (allow == now) continue;
    now = allow;
    changes.push_back(at);
  }
  return changes;
}

}  // namespace

AccessList::AccessList(const Access& access) {
  std::vector<Block<std::uint32_t>> v4;
  std::vector<Block<Uint128>> v6;
  const auto read = [&](const Names& texts, bool allow) {
    for (const std::string& text : texts) {
      const auto block = parse_cidr(text);
      if (!block) continue;
      const Uint128 first = number_of(block->base);
      const Uint128 size = block->bits == 0 ? 0 : Uint128{1} << (128 - block->bits);  // 0: all
      const Uint128 last = first + (size - 1);
      if (block->base.is_v4() && block->bits >= 96) {
        v4.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last), allow});
      } else {
        v6.push_back({first, last, allow});
      }
    }
  };
  read(access.allow, true);
  read(access.deny, false);
  // Allowing some means that others are not.
  const bool rest = access.allow.empty() && access.allow_file.empty();
  open_ = rest && v4.empty() && v6.empty();
  v4_ = {changes_of(std::move(v4), rest), rest};
  v6_ = {changes_of(std::move(v6), rest), rest};
}

template <class Number>
bool AccessList::Ranges<Number>::admits(Number address) const {
  // How many changes lie at or below the address; without branches that chance decides.
  const Number* base = changes.data();
  std::size_t size = changes.size();
  while (size > 1) {
    const std::size_t half = size / 2;
    base += base[half - 1] <= address ? half : 0;
    size -= half;
  }
  const auto below =
      static_cast<std::size_t>(base - changes.data()) + (size == 1 && *base <= address ? 1 : 0);
  return rest ^ (below % 2 == 1);
}

bool AccessList::found(const Ip& ip) const {
  if (ip == Ip{}) return true;
  const Uint128 number = number_of(ip);
  return ip.is_v4() ? v4_.admits(static_cast<std::uint32_t>(number)) : v6_.admits(number);
}

}  // namespace weir::route
