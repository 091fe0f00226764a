// Ranked: priority classes in line, with aging: waiting `aging` long counts as much as being one
// class higher. Of two requests the one goes first whose coming plus rank times aging is earlier,
// so that an important one overtakes, and none waits for ever: what comes later than that many
// times `aging` cannot overtake it.
#pragma once

#include <array>

#include "admit/line.h"

namespace weir::admit {

// Each class is a line of its own; a call costs O(1) in the number that wait.
class Ranked final : public Line {
 public:
  static constexpr std::uint32_t kMost = 8;  // classes; a rank beyond counts as the last

  explicit Ranked(Duration aging) : aging_(aging) {}

  void push(Ticket ticket) override;
  void push_front(Ticket ticket) override;
  std::optional<Ticket> pop_front() override;
  std::optional<TicketId> front() const override;
  bool remove(TicketId id) override;
  std::optional<TicketId> displaced_by(std::uint32_t rank) const override;
  std::size_t size() const override { return place_.size(); }
  std::uint64_t bytes() const override { return bytes_; }

 private:
  using Order = std::list<Ticket>;
  struct Place {
    Order* line;
    Order::iterator at;
  };
  void insert(Order& line, Order::iterator before, const Ticket& ticket);
  // Of those that are first in their classes, the one who goes first; null when nobody waits.
  const Ticket* next() const;

  Duration aging_;
  Order again_;  // called up before, and not served: in front of all
  std::array<Order, kMost> classes_;
  std::unordered_map<TicketId, Place> place_;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::admit
