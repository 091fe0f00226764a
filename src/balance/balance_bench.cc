// A pick of each algorithm and the building of its plan, at several sizes of a group.
#include <benchmark/benchmark.h>

#include <string>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

// A group under way: every endpoint with some requests in flight and a known latency.
void settle(TestGroup& g) {
  for (std::size_t i = 0; i < g.endpoints.size(); ++i) {
    g.load(i).in_flight = static_cast<std::uint32_t>(g.random.below(10));
    g.load(i).latency = 0.05 + g.random.unit();
    g.load(i).latency_stamp = ns(g.clock.now()) - static_cast<std::int64_t>(g.random.below(1e9));
    g.group.load->in_flight += g.load(i).in_flight;
  }
}

void pick(benchmark::State& state, std::string_view name) {
  TestGroup g(static_cast<std::size_t>(state.range(0)), algorithm(name));
  settle(g);
  g.plan();
  std::uint64_t key = 1;
  for (auto _ : state) {
    key = hash_mix(key, 1);
    benchmark::DoNotOptimize(g.pick(key));
  }
}

void finish(benchmark::State& state) {
  TestGroup g(4, algorithm("peak_ewma"));
  settle(g);
  for (auto _ : state) {
    g.clock.advance(1us);
    g.balancer().finished(*g.endpoints[0], {Outcome::Kind::success, 100ms}, g.clock.now());
  }
}
BENCHMARK(finish)->Name("finished/peak_ewma");

void plan(benchmark::State& state, std::string_view name) {
  TestGroup g(static_cast<std::size_t>(state.range(0)), algorithm(name));
  for (auto _ : state) {
    benchmark::DoNotOptimize(make_plan(g.group.options.algorithm, g.group.endpoints, nullptr));
  }
}

const bool registered = [] {
  for (const std::string_view name : algorithm_names()) {
    benchmark::RegisterBenchmark(("pick/" + std::string(name)).c_str(), pick, name)
        ->Arg(4)
        ->Arg(64)
        ->Arg(100)
        ->Arg(1000);
  }
  for (const std::string_view name : {"maglev", "ring_hash"}) {
    benchmark::RegisterBenchmark(("plan/" + std::string(name)).c_str(), plan, name)
        ->Arg(4)
        ->Arg(100)
        ->Arg(1000)
        ->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace weir::balance
