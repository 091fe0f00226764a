// Slots: the right to have a request at an endpoint. Counted in Load::in_flight over all workers,
// the connecting ones included.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "model/load.h"

namespace weir::admit {

// Takes a slot if one is free; `max_in_flight` 0 is unlimited. Any thread. Never more than
// max_in_flight are taken, whoever else takes at the same time.
inline bool take_slot(Load& load, std::uint32_t max_in_flight) {
  std::uint32_t taken = load.in_flight.load(std::memory_order_seq_cst);
  do {
    if (max_in_flight != 0 && taken >= max_in_flight) return false;
  } while (!load.in_flight.compare_exchange_weak(taken, taken + 1, std::memory_order_seq_cst,
                                                 std::memory_order_seq_cst));
  return true;
}

// Gives a taken slot back. Any thread. Sequentially consistent, as taking one: whoever looks for
// waiters afterwards sees each one that did not see this slot.
inline void release_slot(Load& load) {
  const std::uint32_t before = load.in_flight.fetch_sub(1, std::memory_order_seq_cst);
  CHECK(before > 0);
}

}  // namespace weir::admit
