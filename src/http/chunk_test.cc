#include "http/chunk.h"

#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace weir::http {
namespace {

using Status = ChunkDecoder::Status;

struct Decoded {
  Status status = Status::more;
  std::string payload;
  std::string trailers;
  std::size_t consumed = 0;
  std::string reason;
};

// Feeds pieces whose sizes `next` gives, each in memory of exactly its size.
Decoded decode(std::string_view bytes, const std::function<std::size_t()>& next) {
  Decoded out;
  ChunkDecoder decoder;
  while (!bytes.empty() && out.status == Status::more) {
    const std::string_view piece = bytes.substr(0, next());
    std::vector<char> memory(piece.begin(), piece.end());
    const auto fed = decoder.feed(memory);
    EXPECT_LE(fed.payload, fed.consumed);
    EXPECT_LE(fed.consumed, memory.size());
    if (fed.status == Status::more) {
      EXPECT_EQ(fed.consumed, memory.size());
    }
    out.payload.append(memory.data(), fed.payload);
    out.consumed += fed.consumed;
    out.status = fed.status;
    out.reason = fed.reason;
    bytes.remove_prefix(piece.size());
  }
  out.trailers = decoder.trailers();
  return out;
}
Decoded decode(std::string_view bytes) {
  return decode(bytes, [&] { return bytes.size(); });
}

std::vector<std::string> good() {
  return {
      "0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
      "a\r\n0123456789\r\n0\r\n\r\n",
      "A\r\n0123456789\r\n000\r\n\r\n",
      "000000000000005\r\nhello\r\n0\r\n\r\n",
      "5;name=value\r\nhello\r\n0;last=\"\xe9 \t\"\r\n\r\n",
      "4\r\n\r\n\r\n\r\n0\r\n\r\n",  // a payload of line ends
      "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
      "0\r\nX-Sum: 1\r\nY: \r\n\r\n",
  };
}

TEST(ChunkDecoder, GivesThePayloadAndTheRest) {
  const Decoded got = decode("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET / HTTP/1.1");

  EXPECT_EQ(got.status, Status::done);
  EXPECT_EQ(got.payload, "hello world");
  EXPECT_EQ(got.consumed, 26u);
  EXPECT_EQ(got.trailers, "");
}

TEST(ChunkDecoder, KeepsTrailersWithTheirEmptyLine) {
  const Decoded got = decode("5\r\nhello\r\n0\r\nX-Sum: 1\r\nY: z\r\n\r\nrest");

  EXPECT_EQ(got.status, Status::done);
  EXPECT_EQ(got.trailers, "X-Sum: 1\r\nY: z\r\n\r\n");
  EXPECT_EQ(got.consumed, 31u);
}

TEST(ChunkDecoder, SaysTheSameAtEverySplit) {
  for (const std::string& text : good()) {
    const std::string bytes = text + "next";
    const Decoded whole = decode(bytes);
    EXPECT_EQ(whole.status, Status::done) << text;
    EXPECT_EQ(whole.consumed, text.size()) << text;
    for (std::size_t split = 1; split < bytes.size(); ++split) {
      std::size_t at = 0;
      const Decoded parts = decode(bytes, [&] { return at++ == 0 ? split : bytes.size(); });
      EXPECT_EQ(parts.status, Status::done) << text;
      EXPECT_EQ(parts.payload, whole.payload) << text;
      EXPECT_EQ(parts.trailers, whole.trailers) << text;
      EXPECT_EQ(parts.consumed, whole.consumed) << text;
    }
    const Decoded bytewise = decode(bytes, [] { return 1; });
    EXPECT_EQ(bytewise.payload, whole.payload);
    EXPECT_EQ(bytewise.consumed, whole.consumed);
  }
}

TEST(ChunkDecoder, IsNotDoneBeforeTheLastByte) {
  for (const std::string& text : good()) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_EQ(decode(text.substr(0, size)).status, Status::more) << text;
    }
  }
}

TEST(ChunkDecoder, RefusesWhatTwoDecodersCouldReadInTwoWays) {
  using namespace std::string_literals;
  for (const std::string& text : {
           "\r\n"s,
           "\n"s,
           " 5\r\nhello\r\n0\r\n\r\n"s,
           "5 \r\nhello\r\n0\r\n\r\n"s,
           "5 ;a\r\nhello\r\n0\r\n\r\n"s,
           "\t5\r\nhello\r\n0\r\n\r\n"s,
           "+5\r\nhello\r\n0\r\n\r\n"s,
           "-5\r\nhello\r\n0\r\n\r\n"s,
           "0x5\r\nhello\r\n0\r\n\r\n"s,
           "5h\r\nhello\r\n0\r\n\r\n"s,
           "g\r\n"s,
           ";a=b\r\n"s,
           "5\nhello\r\n0\r\n\r\n"s,
           "5\rhello\r\n0\r\n\r\n"s,
           "5\r\nhello\n0\r\n\r\n"s,
           "5\r\nhello0\r\n\r\n"s,
           "5\r\nhello!\r\n0\r\n\r\n"s,
           "5\r\nhell\r\n0\r\n\r\n"s,
           "5\r\nhello\r0\r\n\r\n"s,
           "5\r\nhello\r\n\r\n"s,
           "5;a\nhello\r\n0\r\n\r\n"s,
           "5;a\0b\r\nhello\r\n0\r\n\r\n"s,
           "5;a\x7f\r\nhello\r\n0\r\n\r\n"s,
           "5;\r\r\nhello\r\n0\r\n\r\n"s,
           "0\n\r\n"s,
           "0\r\n\n"s,
           "0\r\nX: y\n\r\n"s,
           "0\r\nX: y\r\n\n"s,
           "0000000000000005\r\nhello\r\n0\r\n\r\n"s,
           "ffffffffffffffff\r\n"s,
           "10000000000000005\r\nhello\r\n"s,
       }) {
    const Decoded whole = decode(text);
    EXPECT_EQ(whole.status, Status::bad) << testing::PrintToString(text);
    EXPECT_NE(whole.reason, "");
    const Decoded bytewise = decode(text, [] { return 1; });
    EXPECT_EQ(bytewise.status, Status::bad) << testing::PrintToString(text);
    EXPECT_EQ(bytewise.payload, whole.payload);
  }
}

TEST(ChunkDecoder, HoldsToItsLimits) {
  EXPECT_EQ(decode("5;" + std::string(256, 'a') + "\r\nhello\r\n0\r\n\r\n").status, Status::done);
  EXPECT_EQ(decode("5;" + std::string(257, 'a') + "\r\nhello\r\n0\r\n\r\n").status, Status::bad);
  const std::string most = "0\r\nX: " + std::string(16 * 1024 - 7, 'a') + "\r\n\r\n";
  EXPECT_EQ(decode(most).status, Status::done);
  EXPECT_EQ(decode("0\r\nX: " + std::string(16 * 1024 - 6, 'a') + "\r\n\r\n").status, Status::bad);
  EXPECT_EQ(decode("0\r\n" + std::string(20'000, 'a')).status, Status::bad)
      << "a line without an end";
  EXPECT_EQ(decode("0\r\n" + std::string(20'000, 'a'), [] { return 100; }).status, Status::bad);
}

TEST(ChunkDecoder, TakesAChunkOfManyGigabytesPieceByPiece) {
  ChunkDecoder decoder;
  std::string head = "200000000\r\n";
  EXPECT_EQ(decoder.feed(head).status, Status::more);
  std::string piece(1 << 20, 'x');
  for (int i = 0; i < 100; ++i) {
    const auto fed = decoder.feed(piece);
    EXPECT_EQ(fed.status, Status::more);
    EXPECT_EQ(fed.payload, piece.size());
  }
}

TEST(ChunkDecoder, DecodesWhatWasEncodedAtRandom) {
  Random random(42);
  for (int round = 0; round < 300; ++round) {
    std::string payload, encoded;
    for (std::size_t chunks = random.below(8); chunks > 0; --chunks) {
      std::string chunk;
      for (std::size_t n = 1 + random.below(40); n > 0; --n)
        chunk.push_back(static_cast<char>(random()));
      char size[16];
      std::snprintf(size, sizeof size, random.below(2) ? "%zx" : "%03zX", chunk.size());
      encoded += size + std::string(random.below(2) ? ";ext" : "") + "\r\n" + chunk + "\r\n";
      payload += chunk;
    }
    encoded += "0\r\n\r\n";

    const Decoded got = decode(encoded, [&] { return 1 + random.below(20); });

    EXPECT_EQ(got.status, Status::done);
    EXPECT_EQ(got.payload, payload);
    EXPECT_EQ(got.consumed, encoded.size());
  }
}

}  // namespace
}  // namespace weir::http
