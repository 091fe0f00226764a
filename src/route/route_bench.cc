// Matching and building with up to 10,000 rules.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>

#include "route/table.h"

namespace weir::route {
namespace {

// A mixed listener: tenants by host, models by path and prefix, some hosts by suffix.
Listener listener(std::int64_t rules) {
  Listener l;
  for (std::int64_t n = 0; n < rules; ++n) {
    Rule rule;
    rule.action = Forward{{{fmt::format("group{}", n), 1}}};
    switch (n % 4) {
      case 0:
        rule.match.host = {fmt::format("tenant{}.example.com", n)};
        break;
      case 1:
        rule.match.path = {fmt::format("/models/{}", n), fmt::format("/models/{}/*", n)};
        break;
      case 2:
        rule.match.host = {fmt::format("*.team{}.example.com", n)};
        rule.match.path = {"/v1/*"};
        break;
      case 3:
        rule.match.host = {"api.example.com"};
        rule.match.path = {fmt::format("/v1/{}*", n)};
        rule.match.method = {"GET", "POST"};
        break;
    }
    l.rules.push_back(std::move(rule));
  }
  return l;
}

RequestView request() {
  static constexpr std::array<HeaderView, 4> kHeaders{{{"Host", "api.example.com"},
                                                       {"User-Agent", "bench"},
                                                       {"Accept", "*/*"},
                                                       {"Content-Type", "application/json"}}};
  RequestView r;
  r.method = "POST";
  r.host = "api.example.com";
  r.path = "/v1/none/completions";
  r.headers = kHeaders;
  return r;
}

void match_last(benchmark::State& state) {
  const auto table = Table::build(listener(state.range(0)));
  RequestView r = request();
  const std::string path = fmt::format("/v1/{}/completions", state.range(0) - 1);
  r.path = path;
  if (table->match(r) == Table::kDefault) state.SkipWithError("must match");
  for (auto _ : state) benchmark::DoNotOptimize(table->match(r));
}
BENCHMARK(match_last)->Arg(4)->Arg(100)->Arg(1000)->Arg(10000);

void match_none(benchmark::State& state) {
  const auto table = Table::build(listener(state.range(0)));
  const RequestView r = request();
  for (auto _ : state) benchmark::DoNotOptimize(table->match(r));
}
BENCHMARK(match_none)->Arg(4)->Arg(100)->Arg(1000)->Arg(10000);

void build(benchmark::State& state) {
  const Listener l = listener(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(Table::build(l));
}
BENCHMARK(build)->Arg(100)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::route
