#include "api/aws/rights.h"

#include <gtest/gtest.h>

namespace weir::amazon {
namespace {

aws::Service service(std::string_view signing_name) {
  aws::Service made;
  made.signing_name = signing_name;
  return made;
}

control::AccessKey key() {
  control::AccessKey made;
  made.name = "ci";
  made.account = "123456789012";
  return made;
}

std::optional<std::string> ask(const control::AccessKey& who, std::string_view of,
                               const std::string& operation, bool reads) {
  const aws::Service it = service(of);
  aws::Target target;
  target.service = &it;
  target.name = operation;
  return why_not(who, target, reads);
}

TEST(Rights, OfAnAdministratorAreAll) {
  EXPECT_EQ(ask(key(), "ec2", "RunInstances", false), std::nullopt);
}

TEST(Rights, ToReadAreNotToChange) {
  control::AccessKey reader = key();
  reader.read_only = true;

  EXPECT_EQ(ask(reader, "autoscaling", "DescribePolicies", true), std::nullopt);
  EXPECT_EQ(ask(reader, "elasticloadbalancing", "CreateRule", false),
            "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: "
            "elasticloadbalancing:CreateRule because the access key may only read");
}

TEST(Rights, OfAServiceAreOfThatAlone) {
  control::AccessKey metrics = key();
  metrics.services = {"cloudwatch"};

  EXPECT_EQ(ask(metrics, "monitoring", "PutMetricData", false), std::nullopt);
  EXPECT_NE(ask(metrics, "ec2", "DescribeVpcs", true), std::nullopt);
  EXPECT_EQ(ask(metrics, "sts", "GetCallerIdentity", true), std::nullopt);
}

}  // namespace
}  // namespace weir::amazon
