#include "admit/ranked.h"

#include <algorithm>

#include "base/check.h"

namespace weir::admit {

void Ranked::insert(Order& line, Order::iterator before, const Ticket& ticket) {
  const auto at = line.insert(before, ticket);
  const bool is_new = place_.emplace(ticket.id, Place{&line, at}).second;
  CHECK(is_new);
  bytes_ += ticket.bytes;
}

void Ranked::push(Ticket ticket) {
  ticket.rank = std::min(ticket.rank, kMost - 1);
  Order& line = classes_[ticket.rank];
  insert(line, line.end(), ticket);
}

void Ranked::push_front(Ticket ticket) {
  ticket.rank = std::min(ticket.rank, kMost - 1);
  insert(again_, again_.begin(), ticket);
}

const Ticket* Ranked::next() const {
  if (!again_.empty()) return &again_.front();
  const Ticket* best = nullptr;
  Time due{};
  for (const Order& line : classes_) {
    if (line.empty()) continue;
    const Ticket& first = line.front();
    const Time at = first.since + aging_ * first.rank;
    if (best && at >= due) continue;
    best = &first;
    due = at;
  }
  return best;
}

std::optional<TicketId> Ranked::front() const {
  const Ticket* first = next();
  return first ? std::optional(first->id) : std::nullopt;
}

std::optional<Ticket> Ranked::pop_front() {
  const Ticket* first = next();
  if (!first) return std::nullopt;
  const Ticket taken = *first;
  remove(taken.id);
  return taken;
}

bool Ranked::remove(TicketId id) {
  const auto found = place_.find(id);
  if (found == place_.end()) return false;
  const Place place = found->second;
  bytes_ -= place.at->bytes;
  place.line->erase(place.at);
  place_.erase(found);
  return true;
}

std::optional<TicketId> Ranked::displaced_by(std::uint32_t rank) const {
  for (std::uint32_t lower = kMost; lower-- > std::min(rank, kMost - 1) + 1;) {
    if (!classes_[lower].empty()) return classes_[lower].back().id;
  }
  return std::nullopt;
}

}  // namespace weir::admit
