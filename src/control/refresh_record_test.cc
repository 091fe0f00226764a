#include "control/refresh_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace weir::control {
namespace {

TEST(RefreshRecord, GivesBackAllThatWasKept) {
  scale::Refresh refresh;
  refresh.number = 7;
  refresh.status = scale::Refresh::Status::waiting;
  refresh.version = 4;
  refresh.before = 3;
  refresh.started = WallTime(1'700'000'000s);
  refresh.ended = WallTime(1'700'000'100s);
  refresh.total = 9;
  refresh.replaced = 5;
  refresh.checkpoint = 1;
  refresh.waiting_since = WallTime(1'700'000'050s);
  refresh.blocked_since = WallTime(1'700'000'060s);
  refresh.reason = "at the checkpoint of 50 %";
  refresh.options.maintenance = Maintenance{60, 130};
  refresh.options.warm_up = 20s;
  refresh.options.checkpoints = {50, 100};
  refresh.options.checkpoint_delay = 90s;
  refresh.options.canary = 5;
  refresh.options.skip_matching = false;
  refresh.options.auto_rollback = true;
  refresh.options.alarms = {"errors"};
  refresh.options.protected_instances = Spared::replace;
  refresh.options.standby_instances = Spared::wait;

  EXPECT_TRUE(refresh_of(json_of(refresh)) == refresh);
}

TEST(RefreshRecord, LeavesWhatIsNotThereAtItsDefault) {
  const scale::Refresh refresh = refresh_of(nlohmann::json::parse(R"({"number": 2})"));

  EXPECT_EQ(refresh.number, 2u);
  EXPECT_FALSE(refresh.ended.has_value());
  EXPECT_TRUE(refresh.options == RefreshOptions());
}

}  // namespace
}  // namespace weir::control
