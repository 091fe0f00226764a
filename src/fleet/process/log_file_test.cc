#include "fleet/process/log_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fleet/process/log_store.h"
#include "fleet/process/proc.h"

namespace weir::fleet {
namespace {

using Lines = std::vector<std::string>;

class LogFile : public ::testing::Test {
 protected:
  LogFile() {
    std::string pattern = ::testing::TempDir() + "weir-log-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/i-1.log";
  }
  ~LogFile() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text) {
    if (!fd_) fd_ = *open_log(path_);
    ASSERT_EQ(static_cast<ssize_t>(text.size()), ::write(fd_.get(), text.data(), text.size()));
  }

  std::string folder_;
  std::string path_;
  net::Fd fd_;
  LogLimits small_{Bytes{100}, 3, 2};
};

TEST_F(LogFile, TailGivesTheLastLinesOldestFirst) {
  write("one\ntwo\nthree\nfour\n");

  EXPECT_EQ(tail(path_, 2), (Lines{"three", "four"}));
  EXPECT_EQ(tail(path_, 9), (Lines{"one", "two", "three", "four"}));
  EXPECT_EQ(tail(path_, 0), Lines());
  EXPECT_EQ(tail(folder_ + "/none", 3), Lines());
}

TEST_F(LogFile, TailGivesAnUnfinishedLine) {
  write("one\ntwo\nthr");

  EXPECT_EQ(tail(path_, 2), (Lines{"two", "thr"}));
}

TEST_F(LogFile, TailReadsALargeFileFromItsEnd) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  write(text);

  const Lines lines = tail(path_, 5000);

  ASSERT_EQ(lines.size(), 5000u);
  EXPECT_EQ(lines.front(), "line 95000");
  EXPECT_EQ(lines.back(), "line 99999");
}

TEST_F(LogFile, TailCutsAnEndlessLine) {
  write(std::string(3'000'000, 'x'));

  const Lines lines = tail(path_, 3);

  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].size(), 4096u);
}

TEST_F(LogFile, RotationCopiesAndTruncatesSoThatTheWriterGoesOn) {
  write(std::string(90, 'a') + "\n");
  EXPECT_FALSE(rotate(path_, small_));
  write(std::string(20, 'b') + "\n");

  EXPECT_TRUE(rotate(path_, small_));
  write("after\n");

  EXPECT_EQ(read_file(path_), "after\n");
  EXPECT_EQ(read_file(path_ + ".1")->size(), 100u) << "no more than the limit is kept";
  EXPECT_TRUE(read_file(path_ + ".1")->ends_with("bbb\n"));
}

TEST_F(LogFile, RotationKeepsSoManyFiles) {
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    write(std::string(150, letter));
    EXPECT_TRUE(rotate(path_, small_));
  }

  EXPECT_EQ(read_file(path_), "");
  EXPECT_EQ(read_file(path_ + ".1"), std::string(100, 'd'));
  EXPECT_EQ(read_file(path_ + ".2"), std::string(100, 'c'));
  EXPECT_FALSE(read_file(path_ + ".3"));
}

TEST_F(LogFile, TailGoesOnInTheRotatedFile) {
  write(std::string(120, 'x') + "\nolder\nold\n");
  rotate(path_, small_);
  write("new\n");

  EXPECT_EQ(tail(path_, 3), (Lines{"older", "old", "new"}));
}

TEST_F(LogFile, ALinkIsNotFollowed) {
  std::ofstream(folder_ + "/victim") << "precious";
  std::filesystem::create_symlink(folder_ + "/victim", path_);

  EXPECT_FALSE(open_log(path_));
}

TEST(LogLine, IsCleanUtf8) {
  EXPECT_EQ(clean_line("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\t."),
            "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\t.");
  EXPECT_EQ(clean_line("\x1b[31mred\x1b[0m\r"), "red");
  EXPECT_EQ(clean_line("a\x01"
                       "b\x7f"),
            "ab");
  EXPECT_EQ(clean_line("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(clean_line("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(clean_line("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd") << "cut in the middle";
}

TEST_F(LogFile, StoreKeepsTheLogsOfTheLastFewThatEnded) {
  LogStore store(folder_ + "/logs", small_);
  ASSERT_TRUE(store.open());
  for (const char* id : {"i-1", "i-2", "i-3"}) {
    ASSERT_TRUE(open_log(store.path_for(id)));
    store.started(id, store.path_for(id));
    store.ended(id);
  }

  EXPECT_FALSE(store.path_of("i-1"));
  EXPECT_FALSE(std::filesystem::exists(store.path_for("i-1")));
  EXPECT_EQ(store.path_of("i-2"), store.path_for("i-2"));
  EXPECT_TRUE(std::filesystem::exists(store.path_for("i-3")));
}

TEST_F(LogFile, StoreFindsWhatAnEarlierWeirLeft) {
  {
    LogStore store(folder_ + "/logs", small_);
    ASSERT_TRUE(store.open());
    ASSERT_TRUE(open_log(store.path_for("i-1")));
    ASSERT_TRUE(open_log(store.path_for("dpkg")));
  }
  LogStore store(folder_ + "/logs", small_);
  ASSERT_TRUE(store.open());

  store.find_ended();

  EXPECT_EQ(store.path_of("i-1"), store.path_for("i-1"));
  EXPECT_FALSE(store.path_of("dpkg")) << "what is not of an instance is never touched";
}

}  // namespace
}  // namespace weir::fleet
