// hash: xxHash 3, 64 bits. Stable between runs and machines, so it may be stored.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

std::uint64_t hash(std::string_view bytes, std::uint64_t seed = 0);
// Mixes two hashes or numbers (murmur3 finaliser over the sum).
std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b);

}  // namespace weir
