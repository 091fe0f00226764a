#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "base/log_format.h"

namespace weir {
namespace {

const WallTime kTime(Duration(1'795'242'300'123'000'000));

std::string line(bool json, std::vector<LogField> fields,
                 std::string_view sentence = "it happened") {
  return format_log_line(LogLevel::warn, json, kTime, "balance", sentence, fields);
}

TEST(LogText, IsOneReadableLine) {
  EXPECT_EQ(line(false, {{"group", "ocr"}, {"failures", 3}, {"share", 0.5}, {"last", true}}),
            "2026-11-21T06:25:00.123Z warn  balance: it happened group=ocr failures=3 share=0.5 "
            "last=true\n");
}

TEST(LogText, QuotesAValueThatWouldBreakTheLine) {
  EXPECT_EQ(line(false, {{"cause", "no route\nfor \"you\""}, {"path", ""}, {"query", "a=b"}}),
            "2026-11-21T06:25:00.123Z warn  balance: it happened "
            "cause=\"no route\\nfor \\\"you\\\"\" path=\"\" query=\"a=b\"\n");
}

TEST(LogJson, IsOneObjectWithItsFields) {
  EXPECT_EQ(line(true, {{"group", "ocr"}, {"failures", -3}, {"share", 0.5}, {"last", false}}),
            "{\"time\":\"2026-11-21T06:25:00.123Z\",\"level\":\"warn\",\"folder\":\"balance\","
            "\"message\":\"it happened\",\"group\":\"ocr\",\"failures\":-3,\"share\":0.5,"
            "\"last\":false}\n");
}

TEST(LogJson, EscapesQuotesAndControlCharacters) {
  std::string out;

  append_json_string(out, std::string_view("a\"b\\c\n\t\r\x01\x7f\0z", 12));

  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\t\\u000d\\u0001\\u007f\\u0000z\"");
}

TEST(LogJson, KeepsUtf8AndReplacesWhatIsNot) {
  std::string out;

  append_json_string(out, "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  append_json_string(out, "\xff \xc3 \xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80");

  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(out, "\"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"\"" + bad + " " + bad + " " + bad +
                     bad + " " + bad + bad + bad + " " + bad + bad + bad + bad + "\"");
}

TEST(LogJson, WritesNumbersThatJsonHasNotAsText) {
  const auto fields = {LogField("a", std::nan("")), LogField("b", INFINITY)};

  const std::string text = line(true, fields);

  EXPECT_NE(text.find("\"a\":\"nan\",\"b\":\"inf\""), std::string::npos) << text;
}

TEST(LogFolder, IsTheFolderOfTheSourceFile) {
  EXPECT_EQ(log_folder("/tmp/weir/src/proxy/exchange.cc"), "proxy");
  EXPECT_EQ(log_folder("src/api/native/status.cc"), "native");
  EXPECT_EQ(log_folder("main.cc"), "weir");
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// For each of our descriptors of that file: would a child inherit it?
std::vector<bool> open_in_children(const std::string& file) {
  std::vector<bool> inherited;
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(fd, gone).string() != file) continue;
    inherited.push_back((fcntl(std::stoi(fd.path().filename()), F_GETFD) & FD_CLOEXEC) == 0);
  }
  return inherited;
}

// One test for the running logger, as a process starts it once.
TEST(Log, WritesWhatFourThreadsSayAboveItsLevel) {
  const std::string file = testing::TempDir() + "weir_log_test_" + std::to_string(getpid());
  start_logging({.level = LogLevel::info, .json = true, .file = file});

  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 500; ++i) {
        LOG(debug, "not to be seen");
        LOG(info, "counted", {"thread", thread}, {"i", i});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  flush_log();

  std::string text;
  std::vector<int> next(4, 0);
  std::istringstream in(read_file(file));
  while (std::getline(in, text)) {
    const auto at = text.find("\"thread\":");
    ASSERT_NE(at, std::string::npos) << text;
    const int thread = text[at + 9] - '0';
    const std::string order = "\"thread\":" + std::to_string(thread) +
                              ",\"i\":" + std::to_string(next.at(thread)++) + "}";
    EXPECT_TRUE(text.ends_with(order)) << text;
    EXPECT_NE(text.find("\"folder\":\"base\""), std::string::npos) << text;
  }
  EXPECT_EQ(next, std::vector<int>(4, 500));
  EXPECT_EQ(dropped_log_lines(), 0u);
  EXPECT_EQ(open_in_children(file), std::vector<bool>{false});
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace weir
