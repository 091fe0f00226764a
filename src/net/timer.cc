#include "net/timer.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace weir::net {
namespace {

constexpr Duration kTick = 1ms;
constexpr std::uint64_t kNone = ~std::uint64_t{0};

}  // namespace

TimerWheel::Slot::Slot() : head(nullptr) { head.next_ = head.prev_ = &head; }

TimerWheel::TimerWheel(Time now) : start_(now) {}

TimerWheel::~TimerWheel() {
  for (auto& level : levels_) {
    for (auto& slot : level.slots) {
      while (!slot.empty()) slot.head.next_->cancel();
      slot.head.next_ = slot.head.prev_ = nullptr;
    }
  }
}

void TimerWheel::arm(Timer& timer, Time at) {
  timer.cancel();
  if (at == kNever) return;
  timer.at_ = at;
  insert(timer, tick_ + 1);
}

void TimerWheel::insert(Timer& timer, std::uint64_t soonest) {
  // Rounded up, so that nothing fires early.
  const auto since = (timer.at_ - start_).count();
  std::uint64_t due =
      since <= 0 ? 0 : (static_cast<std::uint64_t>(since) + kTick.count() - 1) / kTick.count();
  due = std::max(due, soonest);
  // The level of the highest digit in which it differs from now: 0 when due in this very tick.
  const int level = (63 - std::countl_zero((due ^ tick_) | 1)) / kBits;
  const std::uint64_t index = (due >> (level * kBits)) & (kSlots - 1);
  Slot& slot = levels_[level].slots[index];
  timer.next_ = &slot.head;
  timer.prev_ = slot.head.prev_;
  timer.prev_->next_ = &timer;
  slot.head.prev_ = &timer;
  levels_[level].busy |= std::uint64_t{1} << index;
}

// Moves a slot's timers to `into`, so that they may be rearmed or destroyed while we walk.
void TimerWheel::take(Slot& slot, Slot& into) {
  if (slot.empty()) return;
  Timer* first = slot.head.next_;
  Timer* last = slot.head.prev_;
  slot.head.next_ = slot.head.prev_ = &slot.head;
  first->prev_ = &into.head;
  last->next_ = &into.head;
  into.head.next_ = first;
  into.head.prev_ = last;
}

void TimerWheel::cascade(int level) {
  if (level >= kLevels) return;
  const std::uint64_t index = (tick_ >> (level * kBits)) & (kSlots - 1);
  if (index == 0) cascade(level + 1);
  if (!(levels_[level].busy >> index & 1)) return;
  levels_[level].busy &= ~(std::uint64_t{1} << index);
  Slot taken;
  take(levels_[level].slots[index], taken);
  // Those due in this very tick go to the slot that advance() is about to fire.
  while (!taken.empty()) {
    Timer& timer = *taken.head.next_;
    timer.cancel();
    insert(timer, tick_);
  }
  taken.head.next_ = taken.head.prev_ = nullptr;
}

void TimerWheel::advance(Time now) {
  const auto since = (now - start_).count();
  const std::uint64_t target = since <= 0 ? 0 : static_cast<std::uint64_t>(since) / kTick.count();
  while (tick_ < target) {
    // Jump over ticks in which nothing fires and nothing cascades.
    const std::uint64_t busy = next_busy();
    if (busy > target) {
      tick_ = target;
      break;
    }
    tick_ = busy;
    if ((tick_ & (kSlots - 1)) == 0) cascade(1);
    const std::uint64_t at = tick_ & (kSlots - 1);
    if (!(levels_[0].busy >> at & 1)) continue;
    levels_[0].busy &= ~(std::uint64_t{1} << at);
    Slot due;
    take(levels_[0].slots[at], due);
    while (!due.empty()) {
      Timer& timer = *due.head.next_;
      timer.cancel();
      timer.fire_(timer);
    }
    due.head.next_ = due.head.prev_ = nullptr;
  }
}

// The next tick at which a busy slot begins. A level holds nothing at or before its current slot,
// and nothing beyond the end of the slot of the level above, so the lowest busy level has it.
std::uint64_t TimerWheel::next_busy() const {
  for (int level = 0; level < kLevels; ++level) {
    if (!levels_[level].busy) continue;
    const std::uint64_t current = tick_ >> (level * kBits);
    const std::uint64_t slot = static_cast<std::uint64_t>(std::countr_zero(levels_[level].busy));
    DCHECK(slot > (current & (kSlots - 1)));
    return ((current & ~(kSlots - 1)) | slot) << (level * kBits);
  }
  return kNone;
}

Time TimerWheel::next() const {
  const std::uint64_t busy = next_busy();
  return busy == kNone ? kNever : start_ + kTick * static_cast<std::int64_t>(busy);
}

}  // namespace weir::net
