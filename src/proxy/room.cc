#include "proxy/room.h"

#include <utility>

namespace weir::proxy {

Room::Room(std::shared_ptr<GroupLoad> load)
    : load_(std::move(load)), line_(std::make_unique<admit::Fifo>()) {}

admit::Entry Room::Place::enter(std::uint64_t bytes, const Queue& limits) {
  const std::lock_guard lock(room_.mutex_);
  const admit::Entry entry = admit::may_enter(*room_.line_, bytes, limits);
  if (entry != admit::Entry::admitted) return entry;
  opened_line_ = room_.load_->waiting.fetch_add(1, std::memory_order_seq_cst) == 0;
  id_ = ++room_.last_id_;
  bell_ = std::make_shared<Bell>(reactor_);
  room_.bells_.emplace(id_, bell_);
  room_.line_->push(admit::Ticket{id_, bytes});
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
