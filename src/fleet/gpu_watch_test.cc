#include "fleet/gpu_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace weir::fleet {
namespace {

// A stand-in for nvidia-smi.
class GpuWatchTest : public testing::Test {
 protected:
  ~GpuWatchTest() override { ::unlink(path_.c_str()); }
  void says(const std::string& script) {
    std::ofstream file(path_);
    file << "#!/bin/sh\n" << script << "\n";
    file.close();
    ::chmod(path_.c_str(), 0755);
  }
  std::string path_ = testing::TempDir() + "nvidia-smi-" + std::to_string(::getpid());
};

TEST_F(GpuWatchTest, AsksForIndexUuidAndFigures) {
  says(
      "test \"$1\" = --query-gpu=index,uuid,utilization.gpu,memory.used,memory.total || exit 3\n"
      "test \"$2\" = --format=csv,noheader,nounits || exit 4\n"
      "echo '0, GPU-1, 12, 50, 100'");

  const auto gpus = ask_gpus(path_, 10s);

  ASSERT_TRUE(gpus) << gpus.error().message;
  ASSERT_EQ(gpus->size(), 1u);
  EXPECT_EQ((*gpus)[0].busy_percent, 12);
  EXPECT_EQ((*gpus)[0].memory_percent, 50);
}

TEST_F(GpuWatchTest, TellsWhyThereAreNoFigures) {
  EXPECT_EQ(ask_gpus("/no/such/nvidia-smi", 10s).error().code, Code::not_found);
  says("echo 'NVIDIA-SMI has failed because it could not communicate with the driver'; exit 9");
  EXPECT_EQ(ask_gpus(path_, 10s).error().message,
            "it failed: NVIDIA-SMI has failed because it could not communicate with the driver");
}

TEST_F(GpuWatchTest, KillsOneThatHangs) {
  says("sleep 3600");
  EXPECT_EQ(ask_gpus(path_, 100ms).error().code, Code::timeout);
}

TEST_F(GpuWatchTest, KnowsNothingBeforeTheFirstAnswerOrWithoutAProgram) {
  const GpuWatch watch("");
  EXPECT_FALSE(watch.use_of(std::vector<std::string>{"0"}).busy_percent);
}

}  // namespace
}  // namespace weir::fleet
