// AWS's own examples (tests/fixtures/aws/examples, by tools/aws_examples.py) through the tables of
// the services that we serve.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "aws/codec.h"
#include "aws/dispatch.h"
#include "aws/models/application_autoscaling.h"
#include "aws/models/autoscaling.h"
#include "aws/models/ec2.h"
#include "aws/models/elb.h"
#include "aws/models/elbv2.h"
#include "aws/models/iam.h"
#include "aws/models/route53.h"
#include "aws/models/sts.h"
#include "aws/protocol_cases.h"
#include "aws/text.h"
#include "aws/type.h"
#include "aws/validate.h"

namespace weir::aws {
namespace {

namespace fs = std::filesystem;

const Service* const kServices[] = {&application_autoscaling::service(),
                                    &autoscaling::service(),
                                    &ec2::service(),
                                    &elb::service(),
                                    &elbv2::service(),
                                    &iam::service(),
                                    &route53::service(),
                                    &sts::service()};

struct Example {
  std::string name;
  WireRequest request;
  nlohmann::ordered_json params, output;
};

std::vector<Example> examples() {
  std::vector<Example> made;
  const fs::path folder = WEIR_SOURCE_DIR "/tests/fixtures/aws/examples";
  if (!fs::exists(folder)) return made;
  for (const fs::path& file : fs::directory_iterator(folder)) {
    std::ifstream stream(file);
    for (const auto& one : nlohmann::ordered_json::parse(stream)) {
      WireRequest request{.method = one["method"],
                          .path = one["path"],
                          .query = one["query"],
                          .headers = {},
                          .body = decode_base64(one["body"].get<std::string>()).value()};
      for (const auto& [name, value] : one["headers"].items())
        request.headers.push_back({name, value});
      made.push_back({file.stem().string() + " " + one["operation"].get<std::string>(),
                      std::move(request), one["params"], one["output"]});
    }
  }
  return made;
}

TEST(Examples, EachRequestIsReadAsItsParameters) {
  const auto all = examples();
  if (all.empty()) GTEST_SKIP() << "tests/fixtures/aws/examples is missing";

  for (const Example& one : all) {
    const Target target = find_target(kServices, one.request);
    ASSERT_TRUE(target.operation) << one.name;
    const auto decoded =
        decode_input(*target.service, target.protocol, *target.operation, one.request, target.body);
    ASSERT_TRUE(decoded) << one.name << ": " << decoded.error().message;
    EXPECT_EQ(decoded->reading.unknown, 0u) << one.name << ": " << decoded->reading.first_unknown;
    if (!target.operation->input.shape) continue;
    EXPECT_TRUE(same(value_from_case(target.operation->input, one.params), decoded->input))
        << one.name << "\n  wanted " << one.params.dump() << "\n  got    " << shown(decoded->input);
    const auto fault = validate(target.operation->input, decoded->input, {}, "ValidationError");
    EXPECT_FALSE(fault) << one.name << ": " << fault->message;
  }
}

TEST(Examples, EachOutputCanBeWritten) {
  for (const Example& one : examples()) {
    const Target target = find_target(kServices, one.request);
    ASSERT_TRUE(target.operation) << one.name;
    if (!target.operation->output.shape) continue;
    const Value output = value_from_case(target.operation->output, one.output);

    const auto response =
        encode_output(*target.service, target.protocol, *target.operation, output, "id");

    EXPECT_EQ(response.status, target.operation->status) << one.name;
    if (target.protocol != Protocol::json) {
      EXPECT_FALSE(normal_xml(response.body).starts_with("not XML")) << one.name;
    }
  }
}

// The structs hold what the values do: there and back nothing is lost.
template <class Struct>
Value there_and_back(const Value& value) {
  Struct held;
  fill(type_of(&held), value, &held);
  Value made = value_of(type_of(&held), &held);
  auto* members = made.as<Structure>();
  // Lists at the top are always written.
  for (std::size_t i = 0; i < members->members.size(); ++i) {
    if (!value.as<Structure>()->members[i].given()) members->members[i] = {};
  }
  return made;
}

TEST(Types, StructsHoldWhatTheValuesDo) {
  std::size_t seen = 0;
  for (const Example& one : examples()) {
    const Target target = find_target(kServices, one.request);
    if (!target.operation->input.shape) continue;
    const auto in = value_from_case(target.operation->input, one.params);
    Value back = in;
    if (one.name == "elbv2 CreateRule") back = there_and_back<elbv2::CreateRuleInput>(in);
    if (one.name == "ec2 CreateLaunchTemplate")
      back = there_and_back<ec2::CreateLaunchTemplateInput>(in);
    if (one.name == "autoscaling PutScalingPolicy")
      back = there_and_back<autoscaling::PutScalingPolicyInput>(in);
    if (one.name == "autoscaling CreateAutoScalingGroup") {
      back = there_and_back<autoscaling::CreateAutoScalingGroupInput>(in);
    }
    if (one.name == "route53 ChangeResourceRecordSets") {
      back = there_and_back<route53::ChangeResourceRecordSetsInput>(in);
      ++seen;
    }
    EXPECT_TRUE(same(in, back)) << one.name << "\n  wanted " << shown(in) << "\n  got    "
                                << shown(back);
  }
  EXPECT_GT(seen, 0u);
}

TEST(Types, AListKnowsWhetherItWasGiven) {
  elbv2::DescribeRulesInput in;
  const Type& type = type_of(&in);
  Structure given;
  given.members.resize(type.shape->members.size());
  EXPECT_FALSE(in.RuleArns.given());

  given.members[static_cast<std::size_t>(type.shape->find("RuleArns"))] = List{};
  fill(type, given, &in);

  EXPECT_TRUE(in.RuleArns.given());
  EXPECT_TRUE(in.RuleArns.empty());
}

TEST(Types, ListsAtTheTopOfAnOutputAreWrittenAlsoEmpty) {
  elbv2::DescribeRulesOutput out;

  const auto response =
      encode_output(elbv2::service(), Protocol::query, *elbv2::service().find("DescribeRules"),
                    value_of(type_of(&out), &out), "id");

  EXPECT_NE(response.body.find("<Rules></Rules>"), std::string::npos) << response.body;
}

}  // namespace
}  // namespace weir::aws
