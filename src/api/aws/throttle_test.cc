#include "api/aws/throttle.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

constexpr Rate kRate{10};

int taken(Throttle& throttle, const std::string& who, Time now, int tries = 100) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += throttle.take(who, "sts", kRate, 20, now);
  return count;
}

TEST(Throttle, LetsABurstInAndThenTheRate) {
  Throttle throttle;
  const Time start{1h};

  EXPECT_EQ(taken(throttle, "a", start), 20);
  EXPECT_EQ(taken(throttle, "a", start + 500ms), 5);
  EXPECT_EQ(taken(throttle, "a", start + 1h), 20);
}

TEST(Throttle, CountsEachKeyAndServiceAlone) {
  Throttle throttle;
  const Time start{1h};
  taken(throttle, "a", start);

  EXPECT_EQ(taken(throttle, "b", start), 20);
  EXPECT_TRUE(throttle.take("a", "ec2", kRate, 20, start));
}

TEST(Throttle, ForgetsBucketsThatAreFull) {
  Throttle throttle;
  const Time start{1h};

  for (int i = 0; i < 10'000; ++i) taken(throttle, std::to_string(i), start + i * 1s, 1);

  EXPECT_LE(throttle.buckets(), 4096u);
}

}  // namespace
}  // namespace weir::amazon
