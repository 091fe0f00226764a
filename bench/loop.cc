#include "bench/loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/check.h"

namespace weir::bench {

Loop::Loop(const Clock& clock) : clock_(clock), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  CHECK(static_cast<bool>(epoll_));
}

void Loop::watch(const Fd& fd, Ready& ready) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &ready;
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0);
}

void Loop::turn(Time until) {
  // A far limit is as good as none, and cannot overflow.
  const Duration wait = std::clamp(until - clock_.now(), Duration(0), Duration(1s));
  const timespec timeout{static_cast<time_t>(wait / 1s), static_cast<long>((wait % 1s).count())};
  std::array<epoll_event, 256> events;
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Ready*>(event.data.ptr)->on_ready(event.events);
  }
}

}  // namespace weir::bench
