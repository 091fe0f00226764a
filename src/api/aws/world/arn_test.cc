#include "api/aws/world/arn.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

TEST(Arn, IsReadAsItIsWritten) {
  const std::string text =
      "arn:aws:autoscaling:us-west-2:123456789012:scalingPolicy:x:autoScalingGroupName/"
      "a:policyName/b";

  const auto arn = parse_arn(text);

  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->service, "autoscaling");
  EXPECT_EQ(arn->region, "us-west-2");
  EXPECT_EQ(arn->account, "123456789012");
  EXPECT_EQ(arn->resource, "scalingPolicy:x:autoScalingGroupName/a:policyName/b");
  EXPECT_EQ(to_string(*arn), text);
}

TEST(Arn, IsNoneOfAnotherText) {
  for (const char* text : {"", "web", "arn:aws", "arn:aws:elb:r:a:", "urn:aws:elb:r:a:x"}) {
    EXPECT_FALSE(parse_arn(text)) << text;
  }
}

TEST(WeirName, IsTheOwnOneAtHome) {
  EXPECT_EQ(weir_name("my-asg_1", ""), "my-asg_1");
  EXPECT_EQ(weir_name("my-asg", "us-west-2"), "my-asg--us-west-2");
}

TEST(WeirName, TellsApartWhatOtherCharactersWouldMakeTheSame) {
  const std::string a = weir_name("my asg", "");
  const std::string b = weir_name("my/asg", "");

  EXPECT_NE(a, b);
  EXPECT_EQ(a.substr(0, 7), "my-asg-");
  EXPECT_EQ(a, weir_name("my asg", ""));
}

TEST(WeirName, IsShortEnough) {
  const std::string one = weir_name(std::string(255, 'a'), "us-west-2");
  const std::string other = weir_name(std::string(254, 'a') + "b", "us-west-2");

  EXPECT_LE(one.size(), 64u);
  EXPECT_NE(one, other);
}

TEST(Hex, IsTheSameForTheSameText) {
  EXPECT_EQ(hex_of("web", 17), hex_of("web", 17));
  EXPECT_EQ(hex_of("web", 17).size(), 17u);
  EXPECT_NE(hex_of("web", 16), hex_of("wee", 16));
  EXPECT_EQ(draw_hex(17).size(), 17u);
}

}  // namespace
}  // namespace weir::amazon
