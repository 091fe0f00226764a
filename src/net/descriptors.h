// DescriptorGuard: keeps some descriptors back for what serves the connections that are open
// already: towards endpoints, files, health checks.
#pragma once

namespace weir::net {

// Lives on one thread. The number of a new descriptor is the lowest free one, so that it tells how
// many are in use at least: nothing is counted, and nobody asked, while that is far from the limit.
class DescriptorGuard {
 public:
  DescriptorGuard();

  // This one has just been opened.
  void opened(int fd) { last_ = fd; }
  // Only those that are kept back are left. `any`: a descriptor that is open.
  bool scarce(int any) { return last_ >= threshold_ && still_scarce(any); }

 private:
  bool still_scarce(int any);

  int threshold_;
  int last_ = 0;
};

// Not one more can be opened. `any`: a descriptor that is open.
bool out_of_descriptors(int any);

// Of a limit of so many, these are kept back: a sixteenth, 16 to 1024.
int reserved_descriptors(long limit);

}  // namespace weir::net
