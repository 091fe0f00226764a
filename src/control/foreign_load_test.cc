#include "control/foreign_load.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

class ForeignLoadTest : public testing::Test {
 protected:
  ForeignLoadTest() {
    auto group = std::make_shared<Group>();
    group->name = "g";
    group->load = std::make_shared<GroupLoad>();
    for (const char* address : {"a:1", "b:2"}) {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->address = address;
      endpoint->load = std::make_shared<Load>();
      loads_.push_back(endpoint->load.get());
      group->endpoints.push_back(std::move(endpoint));
    }
    group_ = group->load.get();
    snapshot_.groups.push_back(std::move(group));
  }
  Snapshot snapshot_;
  std::vector<Load*> loads_;
  GroupLoad* group_ = nullptr;
  ForeignLoad foreign_;
};

TEST_F(ForeignLoadTest, AddsToWhatIsOursAndTakesAwayWhatHasEnded) {
  loads_[0]->in_flight = 1;
  group_->in_flight = 1;

  EXPECT_TRUE(foreign_.set(snapshot_, {{"g", "a:1", 3}, {"g", "b:2", 2}}).empty());
  EXPECT_EQ(loads_[0]->in_flight, 4u);
  EXPECT_EQ(loads_[1]->in_flight, 2u);
  EXPECT_EQ(group_->in_flight, 6u);

  EXPECT_EQ(foreign_.set(snapshot_, {{"g", "a:1", 2}, {"g", "b:2", 5}}),
            std::set<std::string>{"g"});
  EXPECT_EQ(loads_[0]->in_flight, 3u);
  EXPECT_EQ(loads_[1]->in_flight, 5u);
  EXPECT_EQ(foreign_.total(), 7u);

  EXPECT_EQ(foreign_.set(snapshot_, {}), std::set<std::string>{"g"});
  EXPECT_EQ(loads_[0]->in_flight, 1u);
  EXPECT_EQ(loads_[1]->in_flight, 0u);
  EXPECT_EQ(group_->in_flight, 1u);
}

TEST_F(ForeignLoadTest, LeavesOutWhatIsNotHereUntilItComes) {
  foreign_.set(snapshot_, {{"g", "c:3", 3}, {"h", "a:1", 1}});
  EXPECT_EQ(foreign_.total(), 0u);
  EXPECT_EQ(group_->in_flight, 0u);

  auto more = std::make_shared<Group>(*snapshot_.groups[0]);
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->address = "c:3";
  endpoint->load = std::make_shared<Load>();
  more->endpoints.push_back(endpoint);
  snapshot_.groups[0] = more;
  foreign_.set(snapshot_, {{"g", "c:3", 3}});

  EXPECT_EQ(endpoint->load->in_flight, 3u);
}

TEST_F(ForeignLoadTest, GivesBackWhatAnEndpointHadThatIsGoneMeanwhile) {
  const auto load = snapshot_.groups[0]->endpoints[0]->load;
  foreign_.set(snapshot_, {{"g", "a:1", 3}});
  snapshot_.groups.clear();

  foreign_.set(snapshot_, {});

  EXPECT_EQ(load->in_flight, 0u);
}

}  // namespace
}  // namespace weir::control
