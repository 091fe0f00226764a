#include "fleet/process/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::fleet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

const Given kGiven{"i-1", "store-1", 20007, {}};

TEST(Environment, ReplacesPortAndInstanceAndNothingElse) {
  EXPECT_EQ(expand("--port=${WEIR_PORT} ${HOME} $WEIR_PORT ${WEIR_INSTANCE}${WEIR_PORT}$", kGiven),
            "--port=20007 ${HOME} $WEIR_PORT i-120007$");
  EXPECT_EQ(expand("", kGiven), "");
}

TEST(Environment, WhatIsGivenIsStrongestAndFirst) {
  Launch launch;
  launch.environment = {{"WEIR_STORE", "forged"}, {"PORT", "${WEIR_PORT}"}, {"PATH", "/opt"}};

  EXPECT_THAT(make_environment(launch, kGiven, nullptr, {"PATH=/bin", "LANG=C"}),
              ElementsAre("WEIR_INSTANCE=i-1", "WEIR_STORE=store-1", "WEIR_PORT=20007", "PATH=/opt",
                          "PORT=20007", "LANG=C"));
}

TEST(Environment, WhatIsMeantForWeirIsNotInherited) {
  EXPECT_THAT(
      make_environment({}, kGiven, nullptr,
                       {"LISTEN_FDS=3", "NOTIFY_SOCKET=/run/x", "WEIR_TOKEN=secret", "A=1"}),
      ElementsAre("WEIR_INSTANCE=i-1", "WEIR_STORE=store-1", "WEIR_PORT=20007", "A=1"));
}

TEST(Environment, DevicesAreGivenOnlyIfThereAreSome) {
  Given given = kGiven;
  given.devices = {"2", "GPU-a"};

  EXPECT_THAT(make_environment({}, given, nullptr, {"CUDA_VISIBLE_DEVICES=0"}),
              Contains("CUDA_VISIBLE_DEVICES=2,GPU-a"));
  EXPECT_THAT(make_environment({}, kGiven, nullptr, {}),
              Not(Contains(StartsWith("CUDA_VISIBLE_DEVICES"))));
}

TEST(Environment, AnAccountBringsItsHome) {
  Account account;
  account.name = "model";
  account.home = "/var/lib/model";

  const auto all = make_environment({}, kGiven, &account, {"HOME=/root", "USER=root"});

  EXPECT_THAT(all, Contains("HOME=/var/lib/model"));
  EXPECT_THAT(all, Not(Contains("HOME=/root")));
  EXPECT_THAT(all, Contains("USER=model"));
}

}  // namespace
}  // namespace weir::fleet
