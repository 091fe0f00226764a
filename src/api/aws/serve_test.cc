#include "api/aws/serve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/aws/registry.h"
#include "aws/pattern.h"
#include "aws/shape.h"

namespace weir::amazon {
namespace {

aws::WireRequest form(std::string body) {
  return {.method = "POST",
          .path = "/",
          .query = {},
          .headers = {{"content-type", "application/x-www-form-urlencoded"}},
          .body = std::move(body)};
}

aws::WireResponse answer(aws::WireRequest request) {
  char nothing = 0;  // of the world: the operations of these tests do not look at it
  Context context{.world = reinterpret_cast<World&>(nothing),
                  .tenant = {"000000000000", "us-east-1"},
                  .caller = {},
                  .request_id = "id-1",
                  .now = WallTime()};
  aws::Target target = find_target(request);
  auto task = serve(context, std::move(request), std::move(target));
  task.start();
  EXPECT_TRUE(task.done());
  return task.result();
}

TEST(Serve, AnswersAnOperationInTheFormOfTheQueryProtocol) {
  const auto got = answer(form("Action=DescribeAdjustmentTypes&Version=2011-01-01"));

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(
      got.body,
      "<DescribeAdjustmentTypesResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">"
      "<DescribeAdjustmentTypesResult><AdjustmentTypes>"
      "<member><AdjustmentType>ChangeInCapacity</AdjustmentType></member>"
      "<member><AdjustmentType>ExactCapacity</AdjustmentType></member>"
      "<member><AdjustmentType>PercentChangeInCapacity</AdjustmentType></member>"
      "</AdjustmentTypes></DescribeAdjustmentTypesResult>"
      "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
      "</DescribeAdjustmentTypesResponse>");
}

TEST(Serve, NamesAnOperationThatItDoesNotHave) {
  const auto got = answer(form("Action=DescribeTrustStores&Version=2015-12-01"));

  EXPECT_EQ(got.status, 400);
  EXPECT_NE(got.body.find("<Code>InvalidAction</Code><Message>The operation DescribeTrustStores of "
                          "elbv2 is not supported here</Message>"),
            std::string::npos)
      << got.body;
}

TEST(Serve, AnswersUnknownJsonOperationsInJson) {
  const auto got = answer({.method = "POST",
                           .path = "/",
                           .query = {},
                           .headers = {{"x-amz-target", "SageMaker.CreateNotebookInstance"}},
                           .body = "{}"});

  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(got.body,
            "{\"__type\":\"UnknownOperationException\",\"message\":\"The operation "
            "CreateNotebookInstance of sagemaker is not supported here\"}");
}

void add_shapes(const aws::Member& member, std::set<const aws::Shape*>& shapes) {
  if (!member.shape || !shapes.insert(member.shape).second) return;
  for (const aws::Member& part : member.shape->members) add_shapes(part, shapes);
  if (member.shape->item) add_shapes(*member.shape->item, shapes);
  if (member.shape->key) add_shapes(*member.shape->key, shapes);
}

// Those that look behind or ahead in their middle: such texts are taken as they are.
const std::set<std::string_view> kUnchecked = {"DomainNameString", "VersionedArnOrName"};

TEST(Models, EveryPatternOfAnInputCanBeChecked) {
  for (const aws::Service* service : services()) {
    std::set<const aws::Shape*> shapes;
    for (const aws::Operation& operation : service->operations) add_shapes(operation.input, shapes);
    for (const aws::Shape* shape : shapes) {
      if (shape->pattern.empty() || kUnchecked.contains(shape->name)) continue;
      const auto checked = aws::check_pattern(shape->pattern);
      EXPECT_TRUE(checked) << service->id << " " << shape->name << ": " << shape->pattern << ": "
                           << checked.error().message;
    }
  }
}

TEST(Registry, EveryRowAndEveryRefusalIsOfTheModel) {
  for (const ServiceRows& rows : registry()) {
    const aws::Service& service = rows.service();
    for (const Row& row : rows.rows) {
      EXPECT_NE(service.find(row.name), nullptr) << service.id << ": " << row.name;
    }
    std::set<const aws::Shape*> shapes;
    for (const aws::Operation& operation : service.operations) add_shapes(operation.input, shapes);
    for (const aws::Refused& refused : rows.refused) {
      const bool known = std::any_of(shapes.begin(), shapes.end(), [&](const aws::Shape* shape) {
        return shape->name == refused.shape && shape->find(refused.member) >= 0;
      });
      EXPECT_TRUE(known) << service.id << ": " << refused.shape << "." << refused.member;
    }
  }
}

}  // namespace
}  // namespace weir::amazon
