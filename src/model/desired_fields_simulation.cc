// The tables of what a simulation is told of servers.
#include "config/field.h"
#include "model/desired_fields.h"
#include "model/latency_goal.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::is;
using config::struct_type;
using config::Verdict;

namespace {

Verdict latency_goal(const std::string& text) {
  const auto goal = parse_latency_goal(text);
  if (goal) return std::nullopt;
  return config::Complaint{goal.error().message,
                           "write p95<2s, first_byte p99<500ms or wait p95<1s"};
}

}  // namespace

const config::Type& config_type(const ServerModel*) {
  static const auto type = struct_type<ServerModel>(
      "map",
      {also_called(field("start_time", &ServerModel::start_time,
                         "from its launch to its first passed health check", between(0s, 24h)),
                   {"startup_time", "start"}),
       also_called(field("service_time", &ServerModel::service_time,
                         "of a request alone at it, where the trace says nothing of that",
                         between(1us, 24h)),
                   {"service", "latency"}),
       field("variation", &ServerModel::variation,
             "of each request's work: its standard deviation over its mean", between(0, 10)),
       also_called(
           field("tokens_per_second", &ServerModel::tokens_per_second,
                 "of output, of a request alone at it; 0: service_time instead", between(0, 1e9)),
           {"decode_tokens_per_second", "output_tokens_per_second"}),
       also_called(
           field("prefill_tokens_per_second", &ServerModel::prefill_tokens_per_second,
                 "of input, of a request alone at it; 0: input costs nothing", between(0, 1e9)),
           {"input_tokens_per_second"}),
       also_called(field("slots", &ServerModel::slots,
                         "it works on so many requests at once, others wait in it; 0: the target "
                         "group's max_in_flight, or all of them",
                         between(0, 1'000'000)),
                   {"batch", "batch_size", "concurrency"}),
       field("slowdown", &ServerModel::slowdown,
             "of a request by each other one in service: 0 none, 1 as if they took turns",
             between(0, 1)),
       field("prefix_cache", &ServerModel::prefix_cache,
             "tokens whose prefill is not repeated; 0: none"),
       field("prefix_block", &ServerModel::prefix_block,
             "tokens that each prefix hash of the trace stands for", between(1, 1'000'000)),
       also_called(field("price_per_hour", &ServerModel::price_per_hour,
                         "of an instance; 0: the price of the scaling group", between(0, 1e9)),
                   {"price", "cost", "cost_per_hour"})});
  return type;
}

const config::Type& config_type(const Simulation*) {
  static const auto type = struct_type<Simulation>(
      "map", {also_called(field("slo", &Simulation::slo,
                                "what is judged: p95<2s, first_byte p99<500ms, wait p95<1s",
                                is(latency_goal)),
                          {"goal", "objective"}),
              also_called(field("groups", &Simulation::groups,
                                "how the instances of a scaling group are played, by its name"),
                          {"scaling_groups", "servers", "group"})});
  return type;
}

}  // namespace weir
