#include <benchmark/benchmark.h>

#include <string>

#include "observe/metrics.h"

namespace weir::observe {
namespace {

constexpr Family kCount{"weir_bench_total", "Counted.", Kind::counter, {"group", "reason"}};
constexpr Family kTime{"weir_bench_seconds", "Timed.", Kind::histogram, {"group"}};

// What a worker does at the first publish of so many groups: twelve counters, three histograms.
void first_publish(benchmark::State& state) {
  const auto groups = state.range(0);
  for (auto _ : state) {
    Registry registry;
    Sheet& sheet = registry.sheet();
    for (std::int64_t group = 0; group < groups; ++group) {
      const std::string name = "group-" + std::to_string(group);
      for (int i = 0; i < 12; ++i) sheet.counter(kCount, {name, std::to_string(i)});
      for (int i = 0; i < 3; ++i) sheet.histogram(kTime, {name + std::to_string(i)});
    }
    benchmark::DoNotOptimize(sheet);
  }
}
BENCHMARK(first_publish)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::observe
