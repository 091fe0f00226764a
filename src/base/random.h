// Random: a small seeded source (xoshiro256++, Blackman and Vigna 2019). A test and a replay repeat
// exactly.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace weir {

__extension__ using Uint128 = unsigned __int128;

// Lives on one thread. Satisfies UniformRandomBitGenerator.
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) {  // splitmix64
      seed += 0x9e3779b97f4a7c15u;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      word = z ^ (z >> 31);
    }
  }

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }

  result_type operator()() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // An index below `n`; n must not be 0. Bias below 2^-32 for n below 2^32.
  std::size_t below(std::size_t n) {
    return static_cast<std::size_t>((static_cast<Uint128>((*this)()) * n) >> 64);
  }
  // In [0, 1).
  double unit() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_[4];
};

// A seed from the operating system. The only place that asks it.
std::uint64_t system_seed();

}  // namespace weir
