#include "base/random.h"

#include <sys/random.h>

#include "base/check.h"

namespace weir {

std::uint64_t system_seed() {
  std::uint64_t seed = 0;
  CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace weir
