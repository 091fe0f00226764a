#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "observe/access_record.h"

namespace weir::observe {
namespace {

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    std::string name = testing::TempDir() + "weir-access-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "access.log";
  }
  ~AccessLogTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AccessLog> open(AccessLog::Format format = AccessLog::Format::json) {
    auto log = AccessLog::open(path_, format);
    EXPECT_TRUE(log) << log.error().message;
    return log ? *std::move(log) : nullptr;
  }
  static std::vector<std::string> lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) out.push_back(line);
    return out;
  }
  static AccessRecord record(std::string_view target) {
    AccessRecord one;
    one.target = target;
    one.status = 200;
    return one;
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(AccessLogTest, HasWrittenEverythingWhenItEnds) {
  auto log = open();
  for (int i = 0; i < 1000; ++i) log->write(record("/" + std::to_string(i)));
  EXPECT_EQ(log->dropped(), 0u);

  log.reset();

  const auto all = lines(path_);
  ASSERT_EQ(all.size(), 1000u);
  EXPECT_NE(all[0].find("\"target\":\"/0\""), std::string::npos);
  EXPECT_NE(all[999].find("\"target\":\"/999\""), std::string::npos);
}

TEST_F(AccessLogTest, WritesTheFormatAskedFor) {
  auto log = open(AccessLog::Format::alb);
  log->write(record("/"));

  log.reset();

  EXPECT_EQ(lines(path_).at(0).substr(0, 5), "http ");
}

TEST_F(AccessLogTest, MakesItsFileForOwnerAndGroupAlone) {
  const mode_t before = ::umask(0);
  open();
  ::umask(before);
  struct stat file{};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);

  EXPECT_EQ(file.st_mode & 0777u, 0640u);
}

TEST_F(AccessLogTest, AppendsToWhatIsThere) {
  for (int i = 0; i < 2; ++i) open()->write(record("/"));

  EXPECT_EQ(lines(path_).size(), 2u);
}

TEST_F(AccessLogTest, WritesToANewFileAfterReopen) {
  const auto old = folder_ / "access.log.1";
  auto log = open();
  log->write(record("/before"));
  std::filesystem::rename(path_, old);
  log->reopen();
  log->write(record("/after"));

  log.reset();

  const auto first = lines(old), second = lines(path_);
  EXPECT_EQ(first.size() + second.size(), 2u);
  ASSERT_FALSE(second.empty());
  EXPECT_NE(second.back().find("/after"), std::string::npos);
}

TEST_F(AccessLogTest, KeepsTheOldFileWhenReopeningFails) {
  const auto moved = folder_.string() + "-moved";
  auto log = open();
  std::filesystem::rename(folder_, moved);
  log->reopen();
  log->write(record("/still"));

  log.reset();

  EXPECT_EQ(lines(std::filesystem::path(moved) / "access.log").size(), 1u);
  std::filesystem::rename(moved, folder_);
}

TEST_F(AccessLogTest, CannotBeOpenedWhereThereIsNoFolder) {
  const auto log = AccessLog::open(folder_ / "none" / "access.log", AccessLog::Format::json);

  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("none/access.log"), std::string::npos);
}

// A pipe that nobody reads stands for a disk that hangs.
TEST_F(AccessLogTest, DropsAndCountsWhatASlowDiskCannotTake) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  std::FILE* reader = nullptr;
  std::thread opening([&] { reader = std::fopen(path_.c_str(), "r"); });
  auto log = open();
  opening.join();
  ASSERT_NE(reader, nullptr);
  const std::string target(8000, 'x');
  int written = 0;
  while (log->dropped() == 0 && written < 10000) {
    log->write(record(target));
    ++written;
  }
  const auto dropped = log->dropped();

  EXPECT_GE(dropped, 1u);
  EXPECT_GT(written, 500);  // 4 MiB wait for the disk

  std::thread ending([&] { log.reset(); });
  std::size_t arrived = 0;
  for (int c = std::fgetc(reader); c != EOF; c = std::fgetc(reader)) arrived += c == '\n';
  ending.join();
  std::fclose(reader);
  EXPECT_EQ(arrived, static_cast<std::size_t>(written) - dropped);
}

TEST_F(AccessLogTest, CountsWhatAFullDiskLoses) {
  auto log = AccessLog::open("/dev/full", AccessLog::Format::json);
  ASSERT_TRUE(log);

  (*log)->write(record("/"));
  while ((*log)->dropped() == 0) std::this_thread::yield();

  EXPECT_EQ((*log)->dropped(), 1u);
}

TEST_F(AccessLogTest, KeepsLinesOfManyThreadsWhole) {
  auto log = open();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log, t] {
        const std::string target = "/" + std::string(static_cast<std::size_t>(100 * t), 'a');
        for (int i = 0; i < 500; ++i) log->write(record(target));
      });
    }
  }
  log.reset();

  const auto all = lines(path_);
  EXPECT_EQ(all.size(), 2000u);
  for (const auto& line : all) {
    EXPECT_TRUE(line.starts_with("{\"time\"") && line.ends_with("}")) << line;
  }
}

}  // namespace
}  // namespace weir::observe
