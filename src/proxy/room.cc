#include "proxy/room.h"

#include <utility>

namespace weir::proxy {

Room::Room(std::shared_ptr<GroupLoad> load)
    : load_(std::move(load)), line_(std::make_unique<admit::Fifo>()) {}

// The order changes with the configuration once those of the former one have gone.
void Room::use_order_of(const Queue& limits) {
  if (line_->size() > 0 || (limits.classes == classes_ && limits.aging == aging_)) return;
  line_ = admit::make_line(limits);
  classes_ = limits.classes;
  aging_ = limits.aging;
}

void Room::displace(admit::TicketId id) {
  line_->remove(id);
  const auto& bell = bells_.at(id);
  bell->displaced.store(true, std::memory_order_relaxed);
  ring(bell);
}

admit::Entry Room::Place::enter(std::uint64_t bytes, const Queue& limits, std::uint32_t rank,
                                Time now) {
  const std::lock_guard lock(room_.mutex_);
  room_.use_order_of(limits);
  admit::Entry entry = admit::may_enter(*room_.line_, bytes, limits);
  while (entry != admit::Entry::admitted) {
    const auto less = room_.line_->displaced_by(rank);
    if (!less) return entry;
    room_.displace(*less);
    entry = admit::may_enter(*room_.line_, bytes, limits);
  }
  opened_line_ = room_.load_->waiting.fetch_add(1, std::memory_order_seq_cst) == 0;
  id_ = ++room_.last_id_;
  bell_ = std::make_shared<Bell>(reactor_);
  room_.bells_.emplace(id_, bell_);
  room_.line_->push(admit::Ticket{id_, bytes, rank, now});
  if (room_.line_->front() == id_) bell_->signal.set();
  return entry;
}

void Room::Place::leave() {
  if (!bell_) return;
  const std::lock_guard lock(room_.mutex_);
  room_.line_->remove(id_);
  room_.bells_.erase(id_);
  room_.load_->waiting.fetch_sub(1, std::memory_order_seq_cst);
  bell_.reset();
  room_.signal_head_locked();
}

void Room::signal_head() {
  const std::lock_guard lock(mutex_);
  signal_head_locked();
}

void Room::signal_head_locked() {
  if (const auto head = line_->front()) ring(bells_.at(*head));
}

void Room::ring(const std::shared_ptr<Bell>& bell) {
  if (net::Reactor::current() == &bell->reactor) {
    bell->signal.set();
  } else {
    bell->reactor.post([bell] { bell->signal.set(); });
  }
}

}  // namespace weir::proxy
