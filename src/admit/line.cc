#include "admit/line.h"

#include <algorithm>

#include "admit/ranked.h"
#include "base/check.h"

namespace weir::admit {

void Fifo::push(Ticket ticket) { note(order_.insert(order_.end(), ticket)); }

void Fifo::push_front(Ticket ticket) { note(order_.insert(order_.begin(), ticket)); }

void Fifo::note(Order::iterator at) {
  const bool is_new = place_.emplace(at->id, at).second;
  CHECK(is_new);
  bytes_ += at->bytes;
}

std::optional<Ticket> Fifo::pop_front() {
  if (order_.empty()) return std::nullopt;
  const Ticket next = order_.front();
  remove(next.id);
  return next;
}

std::optional<TicketId> Fifo::front() const {
  if (order_.empty()) return std::nullopt;
  return order_.front().id;
}

bool Fifo::remove(TicketId id) {
  const auto found = place_.find(id);
  if (found == place_.end()) return false;
  bytes_ -= found->second->bytes;
  order_.erase(found->second);
  place_.erase(found);
  return true;
}

std::unique_ptr<Line> make_line(const Queue& options) {
  if (options.classes.empty()) return std::make_unique<Fifo>();
  return std::make_unique<Ranked>(options.aging);
}

std::uint32_t rank_of(const Queue& options, std::string_view name) {
  const Names& classes = options.classes;
  if (classes.empty()) return 0;
  auto found = std::find(classes.begin(), classes.end(), name);
  if (found == classes.end()) {
    found = std::find(classes.begin(), classes.end(), options.default_class);
  }
  if (found == classes.end()) found = classes.end() - 1;
  return static_cast<std::uint32_t>(found - classes.begin());
}

Entry may_enter(const Line& line, std::uint64_t bytes, const Queue& options) {
  if (line.size() >= options.length) return Entry::full_length;
  if (line.size() > 0 && line.bytes() + bytes > options.bytes.value) return Entry::full_bytes;
  return Entry::admitted;
}

}  // namespace weir::admit
