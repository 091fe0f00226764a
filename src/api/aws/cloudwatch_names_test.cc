#include "api/aws/cloudwatch_names.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

TEST(CloudwatchNames, NameAMetricOfACustomNamespaceWithItsDimensions) {
  const auto name = custom_metric("ML", "Queue", {{"asg", "my group"}});

  ASSERT_TRUE(name);
  EXPECT_EQ(to_string(*name), "custom.ML.Queue{asg=my group}");
}

TEST(CloudwatchNames, WriteWhatWeirsNamesLackAsAnUnderscore) {
  const auto name = custom_metric("My/App v2", "95th-percentile", {});

  ASSERT_TRUE(name);
  EXPECT_EQ(to_string(*name), "custom.My_App_v2._95th_percentile");
}

TEST(CloudwatchNames, RefuseAValueThatNoNameCanHold) {
  EXPECT_FALSE(custom_metric("ML", "Queue", {{"model", "a,b"}}));
}

}  // namespace
}  // namespace weir::amazon
