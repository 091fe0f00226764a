#include "admit/line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "base/random.h"

namespace weir::admit {
namespace {

std::vector<TicketId> called_up(Line& line) {
  std::vector<TicketId> ids;
  while (const auto ticket = line.pop_front()) ids.push_back(ticket->id);
  return ids;
}

TEST(Fifo, CallsUpInTheOrderOfArrival) {
  Fifo line;
  for (TicketId id : {7, 3, 5}) line.push({id, 10});

  EXPECT_EQ(line.size(), 3u);
  EXPECT_EQ(line.bytes(), 30u);
  EXPECT_EQ(called_up(line), (std::vector<TicketId>{7, 3, 5}));
  EXPECT_EQ(line.bytes(), 0u);
  EXPECT_EQ(line.pop_front(), std::nullopt);
}

TEST(Fifo, PutsOneThatFoundNothingBackToTheHead) {
  Fifo line;
  for (TicketId id : {1, 2, 3}) line.push({id, 10});

  const Ticket woken = *line.pop_front();
  line.push_front(woken);

  EXPECT_EQ(line.bytes(), 30u);
  EXPECT_EQ(called_up(line), (std::vector<TicketId>{1, 2, 3}));
}

TEST(Fifo, LetsAWaiterLeaveFromAnyPlace) {
  for (TicketId gone : {1, 2, 3}) {
    Fifo line;
    for (TicketId id : {1, 2, 3}) line.push({id, id});
    EXPECT_TRUE(line.remove(gone));
    EXPECT_FALSE(line.remove(gone));
    EXPECT_EQ(line.bytes(), 6 - gone);
    EXPECT_EQ(called_up(line).size(), 2u);
  }
}

TEST(Fifo, TellsAWaiterThatItWasCalledUpAlready) {
  Fifo line;
  line.push({1, 0});
  line.pop_front();
  EXPECT_FALSE(line.remove(1));
}

TEST(Fifo, BehavesAsAPlainListDoes) {
  Random random(3);
  Fifo line;
  std::deque<Ticket> plain;
  TicketId next = 1;
  for (int n = 0; n < 20000; ++n) {
    const Ticket ticket{next, random.below(100)};
    switch (random.below(4)) {
      case 0:
        line.push(ticket);
        plain.push_back(ticket);
        ++next;
        break;
      case 1: {
        const auto got = line.pop_front();
        ASSERT_EQ(got.has_value(), !plain.empty());
        if (!got) break;
        ASSERT_EQ(got->id, plain.front().id);
        plain.pop_front();
        break;
      }
      case 2:
        line.push_front(ticket);
        plain.push_front(ticket);
        ++next;
        break;
      case 3: {
        const TicketId id = 1 + random.below(next);
        const auto at =
            std::find_if(plain.begin(), plain.end(), [&](const Ticket& t) { return t.id == id; });
        ASSERT_EQ(line.remove(id), at != plain.end());
        if (at != plain.end()) plain.erase(at);
        break;
      }
    }
    std::uint64_t bytes = 0;
    for (const Ticket& t : plain) bytes += t.bytes;
    ASSERT_EQ(line.size(), plain.size());
    ASSERT_EQ(line.bytes(), bytes);
  }
}

TEST(MayEnter, BoundsTheLength) {
  Fifo line;
  Queue options;
  options.length = 2;
  EXPECT_EQ(may_enter(line, 0, options), Entry::admitted);
  line.push({1, 0});
  EXPECT_EQ(may_enter(line, 0, options), Entry::admitted);
  line.push({2, 0});
  EXPECT_EQ(may_enter(line, 0, options), Entry::full_length);

  options.length = 0;
  EXPECT_EQ(may_enter(Fifo(), 0, options), Entry::full_length);
}

TEST(MayEnter, BoundsTheBytesOfThoseThatWaitTogether) {
  Fifo line;
  Queue options;
  options.bytes = {100};
  EXPECT_EQ(may_enter(line, 150, options), Entry::admitted);
  line.push({1, 60});
  EXPECT_EQ(may_enter(line, 40, options), Entry::admitted);
  EXPECT_EQ(may_enter(line, 41, options), Entry::full_bytes);
}

}  // namespace
}  // namespace weir::admit
