#include "simulate/seat.h"

#include <gtest/gtest.h>

namespace weir::simulate {
namespace {

// An hour of so many requests per second.
RequestTrace even(double rate) {
  RequestTrace trace;
  const auto count = static_cast<std::size_t>(3600 * rate);
  for (std::size_t i = 0; i < count; ++i) {
    Request request;
    request.at = from_seconds(static_cast<double>(i) / rate);
    trace.requests.push_back(request);
  }
  trace.length = 1h;
  return trace;
}

// What a reference settles on for an even load that keeps `busy` slots in use.
std::uint32_t settled(std::string_view name, double rate, Ability ability, double target) {
  const RequestTrace trace = even(rate);
  Seat seat(**reference_of(name), target, trace, ability, 30s);
  const double busy = rate * ability.service_seconds;
  Seat::Figures figures;
  figures.ready = figures.total = 8;
  for (int step = 0; step < 600; ++step) {
    if (const auto wanted = seat.look(figures)) figures.ready = figures.total = *wanted;
    figures.arrivals += static_cast<std::uint64_t>(rate * kStepSeconds);
    figures.slot_seconds += busy * kStepSeconds;
  }
  return figures.total;
}

TEST(Seat, LetsReferencesSeeInstancesOfTheirOwnMeasure) {
  // 6 requests a second of 2 s keep 12 slots busy: at 75 % of 4 slots each, four instances.
  for (const char* name : {"kpa", "hpa_concurrency", "keda"}) {
    EXPECT_EQ(settled(name, 6, {4, 2}, 0.75), 4u) << name;
  }
  EXPECT_EQ(settled("oracle", 6, {4, 2}, 0.75), 4u);
  EXPECT_EQ(settled("static_peak", 6, {4, 2}, 0.75), 3u);
  // The same load in instances of one slot.
  EXPECT_EQ(settled("kpa", 6, {1, 2}, 0.75), 16u);
}

TEST(Seat, SaysWhichReferencesThereAre) {
  EXPECT_NE(reference_of("kpaa").error().message.find("did you mean 'kpa'?"), std::string::npos);
}

}  // namespace
}  // namespace weir::simulate
