// Line: the order in which the requests of a saturated target group wait. Pure: no lock, no
// clock, no waking up; who owns it guards it and tells the waiters.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

#include "model/desired.h"

namespace weir::admit {

using TicketId = std::uint64_t;  // chosen by the owner, unique among those that wait

struct Ticket {
  TicketId id = 0;
  std::uint64_t bytes = 0;  // held for it while it waits
  std::uint32_t rank = 0;   // its priority class; 0 is the most important
  Time since{};             // when it began to wait
};

// Every call costs O(1) unless an order says otherwise. Not for several threads at once.
class Line {
 public:
  virtual ~Line() = default;

  // Lets a newcomer wait. `id` must not be waiting already.
  virtual void push(Ticket ticket) = 0;
  // Lets one wait again that was called up and found nothing: it is next.
  virtual void push_front(Ticket ticket) = 0;
  // Calls up the next one; nothing when nobody waits.
  virtual std::optional<Ticket> pop_front() = 0;
  // The one who is next; nothing when nobody waits.
  virtual std::optional<TicketId> front() const = 0;
  // For a waiter that gave up. False when it does not wait (any more): it has been called up, and
  // what it was called up for must be passed on.
  virtual bool remove(TicketId id) = 0;
  // In a full room: who goes so that one of this rank may wait, the least important of those that
  // came last. Nothing where all are as important. Takes nobody out.
  virtual std::optional<TicketId> displaced_by(std::uint32_t rank) const = 0;

  virtual std::size_t size() const = 0;
  virtual std::uint64_t bytes() const = 0;  // of all that wait
};

// First come, first served.
class Fifo final : public Line {
 public:
  void push(Ticket ticket) override;
  void push_front(Ticket ticket) override;
  std::optional<Ticket> pop_front() override;
  std::optional<TicketId> front() const override;
  bool remove(TicketId id) override;
  std::optional<TicketId> displaced_by(std::uint32_t) const override { return std::nullopt; }
  std::size_t size() const override { return order_.size(); }
  std::uint64_t bytes() const override { return bytes_; }

 private:
  using Order = std::list<Ticket>;
  void note(Order::iterator at);

  Order order_;
  std::unordered_map<TicketId, Order::iterator> place_;
  std::uint64_t bytes_ = 0;
};

// The order that these options ask for.
std::unique_ptr<Line> make_line(const Queue& options);

// What becomes of a request that would have to wait.
enum class Entry : std::uint8_t { admitted, full_length, full_bytes };

// The rank of a request whose class has this name; that of the default class for any other.
std::uint32_t rank_of(const Queue& options, std::string_view name);

// May one more with so many bytes wait? Bytes count only beside others: a lone request that is
// larger than the bound waits all the same, its body being bounded elsewhere.
Entry may_enter(const Line& line, std::uint64_t bytes, const Queue& options);

}  // namespace weir::admit
