#include "simulate/front.h"

#include <gtest/gtest.h>

namespace weir::simulate {
namespace {

constexpr Time kNow{1h};

std::vector<EndpointPointer> endpoints(std::size_t count) {
  std::vector<EndpointPointer> all;
  for (std::size_t i = 1; i <= count; ++i) {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->id = {i};
    endpoint->load = std::make_shared<Load>();
    endpoint->load->health = Health::healthy;
    all.push_back(std::move(endpoint));
  }
  return all;
}

TargetGroup one_slot() {
  TargetGroup options;
  options.max_in_flight = 1;
  options.queue.length = 2;
  return options;
}

TEST(Front, SendsToFreeSlotsAndLetsOthersWaitInOrder) {
  Front front(one_slot(), true, 1);
  front.use(endpoints(2));

  const auto first = front.arrive({1, 0, 0}, kNow), second = front.arrive({2, 0, 0}, kNow);

  ASSERT_EQ(first.answer, Front::Answer::sent);
  ASSERT_EQ(second.answer, Front::Answer::sent);
  EXPECT_NE(first.sent.endpoint->id, second.sent.endpoint->id);
  EXPECT_EQ(front.arrive({3, 0, 0}, kNow).answer, Front::Answer::waits);
  EXPECT_EQ(front.arrive({4, 0, 0}, kNow).answer, Front::Answer::waits);
  EXPECT_EQ(front.arrive({5, 0, 0}, kNow).answer, Front::Answer::full);
  EXPECT_EQ(front.load().waiting, 2u);
  EXPECT_FALSE(front.call_up(kNow));
  front.finished(*first.sent.endpoint, kNow, kNow + 1s);
  const auto next = front.call_up(kNow + 1s);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->request, 3u);
  EXPECT_EQ(next->endpoint->id, first.sent.endpoint->id);
  EXPECT_NEAR(front.slot_seconds(kNow + 2s), 4, 1e-9);  // two for two seconds
}

TEST(Front, LetsGoWhoHasWaitedTooLong) {
  Front front(one_slot(), true, 1);
  ASSERT_EQ(front.arrive({1, 0, 0}, kNow).answer, Front::Answer::waits);  // nobody is there yet

  EXPECT_TRUE(front.give_up(1));
  EXPECT_FALSE(front.give_up(1));
  EXPECT_EQ(front.load().waiting, 0u);
}

TEST(Front, RefusesWhereNothingCanEverServe) {
  Front front(one_slot(), false, 1);

  EXPECT_EQ(front.arrive({1, 0, 0}, kNow).answer, Front::Answer::no_endpoint);
}

TEST(Front, TripsItsCircuitBreaker) {
  TargetGroup options = one_slot();
  options.max_in_flight = 10;
  options.circuit_breaker.requests = 2;
  Front front(options, true, 1);
  front.use(endpoints(1));
  front.arrive({1, 0, 0}, kNow);
  front.arrive({2, 0, 0}, kNow);

  EXPECT_EQ(front.arrive({3, 0, 0}, kNow).answer, Front::Answer::tripped);
}

TEST(Front, LetsAnImportantRequestTakeThePlaceOfAnother) {
  TargetGroup options = one_slot();
  options.queue.classes = {"chat", "batch"};
  options.queue.length = 1;
  Front front(options, true, 1);
  front.arrive({1, 0, 1}, kNow);

  const auto arrival = front.arrive({2, 0, 0}, kNow);

  EXPECT_EQ(arrival.answer, Front::Answer::waits);
  EXPECT_EQ(arrival.displaced, 1u);
  EXPECT_EQ(front.arrive({3, 0, 0}, kNow).answer, Front::Answer::full);
}

TEST(Front, KeepsAKeyAtItsEndpointWhereTheAlgorithmHashes) {
  TargetGroup options;
  options.algorithm.name = "ring_hash";
  Front front(options, true, 1);
  front.use(endpoints(8));

  const auto first = front.arrive({1, 77, 0}, kNow);
  front.finished(*first.sent.endpoint, kNow, kNow);
  const auto again = front.arrive({2, 77, 0}, kNow);

  EXPECT_EQ(first.sent.endpoint->id, again.sent.endpoint->id);
}

TEST(Front, LearnsHowManyAnEndpointTakes) {
  TargetGroup options;
  options.adaptive_concurrency.enabled = true;
  options.adaptive_concurrency.initial = 4;
  Front front(options, true, 1);
  front.use(endpoints(1));
  Time now = kNow;
  for (std::size_t i = 0; i < 200; ++i) {
    const auto arrival = front.arrive({i, 0, 0}, now);
    ASSERT_EQ(arrival.answer, Front::Answer::sent);
    front.first_byte(*arrival.sent.endpoint, now, now + 100ms);
    front.finished(*arrival.sent.endpoint, now, now + 100ms);
    now += 100ms;
  }

  const auto last = front.arrive({999, 0, 0}, now);
  EXPECT_GT(last.sent.endpoint->load->limit, 0u);
}

}  // namespace
}  // namespace weir::simulate
