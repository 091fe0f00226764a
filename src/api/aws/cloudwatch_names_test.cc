#include "api/aws/cloudwatch_names.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

TEST(CloudwatchNames, NameAMetricOfACustomNamespaceWithItsDimensions) {
  const auto name = custom_metric("ML", "Queue", {{"asg", "web"}}, "");

  EXPECT_EQ(to_string(name), "custom.ML.Queue{asg=web}");
}

TEST(CloudwatchNames, AreReadAsTheyWereWritten) {
  const std::map<std::string, std::string> dimensions = {
      {"Load Balancer", "app/web, 1%}"}, {"5th", "\"x\""}, {"a_b", "c"}};

  const std::string text = to_string(custom_metric("A.B/C", "5xx: Rate", dimensions, "1/r"));
  ASSERT_TRUE(parse_metric_name(text)) << text;
  const auto back = cloudwatch_name(text, "1/r");

  ASSERT_TRUE(back) << text;
  EXPECT_EQ(back->name_space, "A.B/C");
  EXPECT_EQ(back->metric, "5xx: Rate");
  EXPECT_EQ(back->dimensions, dimensions);
}

TEST(CloudwatchNames, AreNotReadByAnotherTenant) {
  const std::string text = to_string(custom_metric("ML", "Queue", {}, "1/r"));

  EXPECT_FALSE(cloudwatch_name(text, ""));
  EXPECT_FALSE(cloudwatch_name(text, "2/r"));
  EXPECT_FALSE(cloudwatch_name("in_flight{target_group=a}", ""));
}

TEST(CloudwatchNames, ShowWhatOthersPushedInANamespaceOfItsOwn) {
  const auto name = cloudwatch_name("custom.backlog{model=a}", "");

  ASSERT_TRUE(name);
  EXPECT_EQ(name->name_space, "Weir");
  EXPECT_EQ(name->metric, "custom.backlog");
}

}  // namespace
}  // namespace weir::amazon
