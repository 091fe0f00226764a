#include "simulate/server.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::simulate {
namespace {

const Time kBegin{1h};

Request costing(Duration cost) {
  Request request;
  request.cost = cost;
  return request;
}

// When each request ended, in seconds from the begin, in the order of their ends.
std::vector<double> ends(Server& server) {
  std::vector<Server::Milestone> all;
  server.collect(kBegin + 1h, all);
  std::vector<double> result;
  for (const auto& one : all) {
    if (one.end) result.push_back(seconds(one.at - kBegin));
  }
  return result;
}

TEST(Server, WorksOnAsManyAsItHasSlotsAndKeepsTheOthersInOrder) {
  ServerModel model;
  Server server(model, 2, kBegin);
  const Request one = costing(1s), two = costing(2s);
  server.accept(kBegin, 0, one, 1);
  server.accept(kBegin, 1, two, 1);
  server.accept(kBegin, 2, two, 1);
  server.accept(kBegin, 3, one, 1);

  EXPECT_EQ(server.working(), 2u);
  EXPECT_EQ(server.present(), 4u);
  EXPECT_EQ(server.next(), kBegin + 1s);
  EXPECT_EQ(ends(server), (std::vector<double>{1, 2, 3, 3}));
  EXPECT_EQ(server.next(), kNever);
}

TEST(Server, WithASlowdownOfOneSharesItselfEvenly) {
  ServerModel model;
  model.slowdown = 1;
  Server server(model, 0, kBegin);
  const Request one = costing(1s), two = costing(2s);
  server.accept(kBegin, 0, one, 1);
  server.accept(kBegin, 1, two, 1);

  const auto found = ends(server);  // the first after 2 s, half of each; the rest alone

  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(found[0], 2, 1e-8);
  EXPECT_NEAR(found[1], 3, 1e-8);
}

TEST(Server, IsSlowedOnlyWhileOthersAreThere) {
  ServerModel model;
  model.slowdown = 0.5;
  Server server(model, 0, kBegin);
  const Request one = costing(1s);
  server.accept(kBegin, 0, one, 1);
  server.accept(kBegin + 500ms, 1, one, 1);

  const auto found = ends(server);

  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(found[0], 0.5 + 0.5 * 1.5, 1e-8);
  EXPECT_NEAR(found[1], 1.25 + 0.5, 1e-8);
}

TEST(Server, GivesItsFirstByteAfterTheInputAndItsEndAfterTheOutput) {
  ServerModel model;
  model.tokens_per_second = 50;
  model.prefill_tokens_per_second = 1000;
  Server server(model, 1, kBegin);
  Request request;
  request.input_tokens = 2000;
  request.output_tokens = 100;
  server.accept(kBegin, 7, request, 1);

  std::vector<Server::Milestone> all;
  server.collect(kBegin + 10s, all);

  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].request, 7u);
  EXPECT_FALSE(all[0].end);
  EXPECT_EQ(all[0].at, kBegin + 2s);
  EXPECT_TRUE(all[1].end);
  EXPECT_EQ(all[1].at, kBegin + 4s);
}

TEST(Server, DoesNotComputeAgainWhatItsCacheHolds) {
  ServerModel model;
  model.tokens_per_second = 100;
  model.prefill_tokens_per_second = 1000;
  model.prefix_cache = 4000;
  model.prefix_block = 500;
  Server server(model, 1, kBegin);
  Request request;
  request.input_tokens = 1200;
  request.output_tokens = 0;
  request.prefix = {1, 2};
  server.accept(kBegin, 0, request, 1);
  server.accept(kBegin, 1, request, 1);

  const auto found = ends(server);

  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(found[0], 1.2, 1e-8);
  EXPECT_NEAR(found[1], 1.4, 1e-8);
  EXPECT_EQ(server.input_tokens(), 2400u);
  EXPECT_EQ(server.cached_tokens(), 1000u);
}

TEST(Work, IsTheTracesCostElseTheModelsServiceTime) {
  ServerModel model;
  model.service_time = 250ms;
  Request request;

  EXPECT_EQ(work_of(request, model, 0, 1).prefill, 0.25);
  EXPECT_EQ(work_of(request, model, 0, 2).prefill, 0.5);
  request.cost = 100ms;
  EXPECT_EQ(work_of(request, model, 0, 1).prefill, 0.1);
  request.output_tokens = 100;
  EXPECT_EQ(work_of(request, model, 0, 1).prefill, 0.1);  // the model has no rate of tokens
  model.tokens_per_second = 50;
  EXPECT_EQ(work_of(request, model, 0, 1).decode, 2);
}

}  // namespace
}  // namespace weir::simulate
