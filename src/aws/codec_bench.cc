// A page of 400 targets' health, and a request with 100 targets, in the forms of query and JSON.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "aws/codec.h"
#include "aws/models/elbv2.h"
#include "aws/type.h"
#include "aws/validate.h"

namespace weir::aws {
namespace {

void write_page(benchmark::State& state) {
  const Operation& operation = *elbv2::service().find("DescribeTargetHealth");
  for (auto _ : state) {
    elbv2::DescribeTargetHealthOutput out;
    for (int i = 0; i < 400; ++i) {
      auto& one = out.TargetHealthDescriptions.emplace_back();
      one.Target.emplace().Id = fmt::format("10.0.{}.{}", i / 256, i % 256);
      one.Target->Port = 8080;
      one.TargetHealth.emplace().State = "healthy";
    }
    const auto value = value_of(type_of(&out), &out);
    benchmark::DoNotOptimize(
        encode_output(elbv2::service(), Protocol::query, operation, value, "id").body);
  }
}
BENCHMARK(write_page)->Unit(benchmark::kMicrosecond);

void read_request(benchmark::State& state) {
  const Operation& operation = *elbv2::service().find("RegisterTargets");
  std::string body =
      "Action=RegisterTargets&Version=2015-12-01&TargetGroupArn=arn%3Aaws%3Aelasticloadbalancing%"
      "3A";
  for (int i = 1; i <= 100; ++i) {
    body += fmt::format("&Targets.member.{0}.Id=10.0.0.{0}&Targets.member.{0}.Port=80", i);
  }
  const WireRequest request{.method = "POST", .path = "/", .query = {}, .headers = {}, .body = {}};
  for (auto _ : state) {
    const auto decoded = decode_input(elbv2::service(), Protocol::query, operation, request, body);
    benchmark::DoNotOptimize(validate(operation.input, decoded->input, {}, "ValidationError"));
    elbv2::RegisterTargetsInput in;
    fill(type_of(&in), decoded->input, &in);
    benchmark::DoNotOptimize(in.Targets.size());
  }
}
BENCHMARK(read_request)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir::aws
