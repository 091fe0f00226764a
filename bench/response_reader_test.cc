#include "bench/response_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace weir::bench {
namespace {

using Kind = ResponseReader::Kind;

struct Reading {
  std::string body;
  int done = 0;
  int status = 0;
  bool wrong = false;
};

// Feeds the text in pieces of at most `step` bytes.
Reading read_in_steps(std::string_view text, std::size_t step) {
  ResponseReader reader;
  Reading reading;
  while (!text.empty() && !reading.wrong) {
    std::string_view piece = text.substr(0, step);
    text.remove_prefix(piece.size());
    for (auto part = reader.next(piece); part.kind != Kind::more; part = reader.next(piece)) {
      if (part.kind == Kind::body) reading.body += part.body;
      if (part.kind == Kind::done) ++reading.done;
      if (part.kind == Kind::wrong) {
        reading.wrong = true;
        break;
      }
    }
  }
  reading.status = reader.status();
  return reading;
}

constexpr std::string_view kSized =
    "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\nA;x=y\r\n, world..!\r\n0\r\nTrailer: t\r\n\r\n";

TEST(ResponseReader, ReadsASizedBodyHoweverItIsCut) {
  for (std::size_t step = 1; step <= kSized.size(); ++step) {
    const Reading reading = read_in_steps(kSized, step);

    EXPECT_EQ(reading.body, "hello") << step;
    EXPECT_EQ(reading.done, 1) << step;
    EXPECT_EQ(reading.status, 200) << step;
  }
}

TEST(ResponseReader, DecodesAChunkedBodyHoweverItIsCut) {
  for (std::size_t step = 1; step <= kChunked.size(); ++step) {
    const Reading reading = read_in_steps(kChunked, step);

    EXPECT_EQ(reading.body, "hello, world..!") << step;
    EXPECT_EQ(reading.done, 1) << step;
  }
}

TEST(ResponseReader, ReadsOneResponseAfterAnother) {
  const std::string both = std::string(kSized) + std::string(kChunked) + std::string(kSized);

  for (std::size_t step = 1; step <= both.size(); ++step) {
    const Reading reading = read_in_steps(both, step);

    EXPECT_EQ(reading.done, 3) << step;
    EXPECT_EQ(reading.body, "hellohello, world..!hello") << step;
  }
}

TEST(ResponseReader, IsNotDoneWithAShortBody) {
  const Reading reading = read_in_steps(kSized.substr(0, kSized.size() - 1), 1000);

  EXPECT_EQ(reading.done, 0);
  EXPECT_EQ(reading.body, "hell");
}

TEST(ResponseReader, TellsTheStatusOfAFailure) {
  const Reading reading =
      read_in_steps("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 1000);

  EXPECT_EQ(reading.done, 1);
  EXPECT_EQ(reading.status, 503);
}

TEST(ResponseReader, RefusesWhatIsNotAResponse) {
  EXPECT_TRUE(read_in_steps("SSH-2.0-OpenSSH_9.2\r\n\r\n", 1000).wrong);
  EXPECT_TRUE(read_in_steps("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 1000).wrong);
  EXPECT_TRUE(read_in_steps("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", 1000).wrong);
  EXPECT_TRUE(
      read_in_steps("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 1000).wrong);
}

}  // namespace
}  // namespace weir::bench
