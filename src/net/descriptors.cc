#include "net/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace weir::net {
namespace {

int threshold_now() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<int>::max();
  }
  const auto most =
      std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(most) - reserved_descriptors(static_cast<long>(most));
}

// The number that the next descriptor would get; -1 when there is none.
int next_descriptor(int any) {
  const int fd = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0) ::close(fd);
  return fd;
}

}  // namespace

int reserved_descriptors(long limit) {
  return static_cast<int>(std::clamp(limit / 16, 16L, 1024L));
}

bool out_of_descriptors(int any) { return next_descriptor(any) < 0; }

DescriptorGuard::DescriptorGuard() : threshold_(threshold_now()) {}

bool DescriptorGuard::still_scarce(int any) {
  threshold_ = threshold_now();
  const int next = next_descriptor(any);
  if (next < 0) return true;
  last_ = next;
  return next >= threshold_;
}

}  // namespace weir::net
