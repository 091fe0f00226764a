// SipHash-2-4 (Aumasson and Bernstein 2012): a keyed hash of short texts. Who does not have the key
// can neither foretell nor forge it; for names that clients carry, where hash.h would do no good.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir {

using SipKey = std::array<std::uint64_t, 2>;

std::uint64_t siphash(const SipKey& key, std::string_view bytes);

}  // namespace weir
