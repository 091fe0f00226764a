#include "admit/ranked.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::admit {
namespace {

Ticket ticket(TicketId id, std::uint32_t rank, Duration since, std::uint64_t bytes = 1) {
  return Ticket{id, bytes, rank, Time(1h + since)};
}

std::vector<TicketId> order_of(Line& line) {
  std::vector<TicketId> order;
  while (const auto next = line.pop_front()) order.push_back(next->id);
  return order;
}

TEST(Ranked, ServesTheImportantFirstAndEachClassInItsOrder) {
  Ranked line(10s);
  line.push(ticket(1, 2, 0ms));
  line.push(ticket(2, 1, 1ms));
  line.push(ticket(3, 0, 2ms));
  line.push(ticket(4, 0, 3ms));
  line.push(ticket(5, 1, 4ms));

  EXPECT_EQ(order_of(line), (std::vector<TicketId>{3, 4, 2, 5, 1}));
}

TEST(Ranked, CountsAWaitAsAClass) {
  Ranked line(10s);
  line.push(ticket(1, 2, 0s));
  line.push(ticket(2, 1, 9s));   // a class above, 9 s later: first
  line.push(ticket(3, 0, 18s));  // two above, 18 s later: before both
  line.push(ticket(4, 0, 21s));  // later than the aging of two classes
  line.push(ticket(5, 1, 12s));  // likewise of one

  EXPECT_EQ(order_of(line), (std::vector<TicketId>{3, 2, 1, 4, 5}));
}

// One is served each 100 ms while two important ones come: without aging nobody else ever is.
TEST(Ranked, NeverStarvesAClass) {
  Ranked line(1s);
  TicketId id = 0;
  line.push(ticket(++id, 3, 0s));
  Duration now = 0s, served_after = -1s;
  for (int i = 0; i < 1000 && served_after < 0s; ++i, now += 100ms) {
    line.push(ticket(++id, 0, now));
    line.push(ticket(++id, 0, now));
    if (line.pop_front()->id == 1) served_after = now;
  }

  // All that came in the first 3 s go before it: 60 requests of 100 ms.
  EXPECT_GE(served_after, 3s);
  EXPECT_LE(served_after, 7s);
}

TEST(Ranked, DisplacesTheNewestOfTheLeastImportant) {
  Ranked line(10s);
  line.push(ticket(1, 1, 0ms));
  line.push(ticket(2, 2, 1ms));
  line.push(ticket(3, 2, 2ms));
  line.push(ticket(4, 1, 3ms));

  EXPECT_EQ(line.displaced_by(0), 3u);
  EXPECT_EQ(line.displaced_by(1), 3u);
  EXPECT_EQ(line.displaced_by(2), std::nullopt);
  line.remove(3);
  line.remove(2);
  EXPECT_EQ(line.displaced_by(0), 4u);
  EXPECT_EQ(line.displaced_by(1), std::nullopt);
  EXPECT_EQ(line.size(), 2u);
}

TEST(Ranked, PutsBackInFront) {
  Ranked line(10s);
  line.push(ticket(1, 2, 0ms));
  line.push(ticket(2, 0, 0ms));
  line.remove(1);
  line.push_front(ticket(1, 2, 0ms));

  EXPECT_EQ(order_of(line), (std::vector<TicketId>{1, 2}));
}

TEST(Ranked, CountsWhatIsHeld) {
  Ranked line(10s);
  line.push(ticket(1, 0, 0ms, 10));
  line.push(ticket(2, 9, 0ms, 5));
  EXPECT_EQ(line.bytes(), 15u);

  EXPECT_TRUE(line.remove(1));
  EXPECT_FALSE(line.remove(1));
  EXPECT_EQ(line.bytes(), 5u);
  EXPECT_EQ(line.size(), 1u);
  line.pop_front();
  EXPECT_EQ(line.bytes(), 0u);
  EXPECT_EQ(line.front(), std::nullopt);
}

TEST(MakeLine, IsFirstComeFirstServedWithoutClasses) {
  Queue options;
  auto fifo = make_line(options);
  fifo->push(ticket(1, 5, 1s));
  fifo->push(ticket(2, 0, 2s));
  EXPECT_EQ(order_of(*fifo), (std::vector<TicketId>{1, 2}));
  EXPECT_EQ(fifo->displaced_by(0), std::nullopt);

  options.classes = {"high", "low"};
  auto ranked = make_line(options);
  ranked->push(ticket(1, 1, 1s));
  ranked->push(ticket(2, 0, 2s));
  EXPECT_EQ(order_of(*ranked), (std::vector<TicketId>{2, 1}));
}

TEST(RankOf, IsThatOfTheNameOrOfTheDefault) {
  Queue options;
  EXPECT_EQ(rank_of(options, "high"), 0u);
  options.classes = {"high", "normal", "low"};
  EXPECT_EQ(rank_of(options, "high"), 0u);
  EXPECT_EQ(rank_of(options, "low"), 2u);
  EXPECT_EQ(rank_of(options, ""), 2u);
  EXPECT_EQ(rank_of(options, "HIGH"), 2u);
  options.default_class = "normal";
  EXPECT_EQ(rank_of(options, "unknown"), 1u);
}

}  // namespace
}  // namespace weir::admit
