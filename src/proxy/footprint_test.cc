// What an idle connection costs in user space.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kOwnAllocator = false;  // sanitizers bring theirs
#else
constexpr bool kOwnAllocator = true;
#endif

std::size_t bytes_in_use() { return ::mallinfo2().uordblks; }

TEST(Footprint, AnIdleConnectionTakesLittleMemory) {
  if (!kOwnAllocator) GTEST_SKIP() << "measures glibc's allocator";
  constexpr std::size_t kConnections = 2000;
  TestPlane plane;
  Listener listener;
  listener.default_action = Respond{200, "text/plain", "ok"};
  plane.set_listener("web", listener);
  plane.publish();
  std::vector<TestPeer> clients;
  clients.reserve(kConnections);

  const std::size_t before = bytes_in_use();
  for (std::size_t i = 0; i < kConnections; ++i) clients.push_back(plane.connect());
  ASSERT_TRUE(eventually([&] { return plane.connections() == kConnections; }));
  const std::size_t fresh = (bytes_in_use() - before) / kConnections;
  for (auto& client : clients) {
    client.send(kGet);
    client.read_head();
    client.read(2);
  }
  const std::size_t served = (bytes_in_use() - before) / kConnections;

  std::printf("idle connection: %zu bytes, after a request %zu bytes\n", fresh, served);
  EXPECT_LT(fresh, 1024u);
  EXPECT_LT(served, 1024u);
}

}  // namespace
}  // namespace weir::proxy
