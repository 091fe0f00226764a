// Access lists of 10 and 100,000 blocks: a look-up, and the building.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "route/access.h"

namespace weir::route {
namespace {

Access blocks(std::int64_t count, bool v6) {
  Random random(3);
  Access access;
  for (std::int64_t i = 0; i < count; ++i) {
    Cidr block;
    for (auto& byte : block.base.bytes) byte = static_cast<std::uint8_t>(random.below(256));
    if (!v6) {
      const Ip prefix = parse_ip("0.0.0.0").value();
      std::copy(prefix.bytes.begin(), prefix.bytes.begin() + 12, block.base.bytes.begin());
    }
    block.bits = static_cast<std::uint8_t>(v6 ? 48 + random.below(17) : 96 + 16 + random.below(17));
    (random.below(2) ? access.allow : access.deny).push_back(to_string(block));
  }
  return access;
}

void look_up(benchmark::State& state, bool v6) {
  const AccessList list(blocks(state.range(0), v6));
  Random random(5);
  std::vector<Ip> clients(4096, parse_ip(v6 ? "2001:db8::" : "0.0.0.0").value());
  for (Ip& client : clients) {
    for (std::size_t i = v6 ? 0 : 12; i < 16; ++i) {
      client.bytes[i] = static_cast<std::uint8_t>(random.below(256));
    }
  }
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(list.admits(clients[i++ & 4095]));
}
BENCHMARK_CAPTURE(look_up, v4, false)->Arg(10)->Arg(1000)->Arg(100000);
BENCHMARK_CAPTURE(look_up, v6, true)->Arg(10)->Arg(1000)->Arg(100000);

void build(benchmark::State& state) {
  const Access access = blocks(state.range(0), false);
  for (auto _ : state) benchmark::DoNotOptimize(AccessList(access));
}
BENCHMARK(build)->Arg(10)->Arg(100000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::route
