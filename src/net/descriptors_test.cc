#include "net/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

#include "net/fd.h"

namespace weir::net {
namespace {

// The limit of this process, put back at the end.
class DescriptorGuardTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0); }
  void TearDown() override { ::setrlimit(RLIMIT_NOFILE, &before_); }
  Fd open() { return Fd(::fcntl(0, F_DUPFD_CLOEXEC, 0)); }
  void allow(rlim_t most) {
    const rlimit limit{most, before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  rlimit before_{};
};

TEST(ReservedDescriptors, AreAShareOfTheLimit) {
  EXPECT_EQ(reserved_descriptors(64), 16);
  EXPECT_EQ(reserved_descriptors(1024), 64);
  EXPECT_EQ(reserved_descriptors(20000), 1024);
  EXPECT_EQ(reserved_descriptors(1 << 20), 1024);
}

TEST_F(DescriptorGuardTest, KeepsSomeBackAndSeesWhenOthersAreClosed) {
  const Fd any = open();
  allow(128);
  DescriptorGuard guard;
  std::vector<Fd> opened;
  while (!guard.scarce(any.get())) {
    opened.push_back(open());
    ASSERT_TRUE(opened.back());
    guard.opened(opened.back().get());
  }
  EXPECT_EQ(opened.back().get(), 128 - 16);
  EXPECT_FALSE(out_of_descriptors(any.get()));

  opened.resize(opened.size() - 5);
  EXPECT_FALSE(guard.scarce(any.get()));
}

TEST_F(DescriptorGuardTest, SeesThatNoneIsLeft) {
  const Fd any = open();
  allow(64);
  DescriptorGuard guard;
  std::vector<Fd> opened;
  for (Fd fd = open(); fd; fd = open()) {
    guard.opened(fd.get());
    opened.push_back(std::move(fd));
  }
  EXPECT_TRUE(out_of_descriptors(any.get()));
  EXPECT_TRUE(guard.scarce(any.get()));
}

TEST_F(DescriptorGuardTest, FollowsALimitThatIsRaised) {
  const Fd any = open();
  allow(64);
  DescriptorGuard guard;
  guard.opened(60);
  std::vector<Fd> opened;
  while (opened.empty() || opened.back().get() < 55) opened.push_back(open());
  EXPECT_TRUE(guard.scarce(any.get()));

  allow(256);
  EXPECT_FALSE(guard.scarce(any.get()));
}

}  // namespace
}  // namespace weir::net
