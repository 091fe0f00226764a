#include "net/client_hello.h"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using Kind = ClientHello::Kind;
using namespace std::literals;

std::string number(std::size_t value, int width) {
  std::string out;
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift & 0xff);
  }
  return out;
}
std::string counted(const std::string& body, int width) {
  return number(body.size(), width) + body;
}
std::string extension(std::size_t type, const std::string& body) {
  return number(type, 2) + counted(body, 2);
}
std::string name(const std::string& host) {
  return extension(0, counted('\0' + counted(host, 2), 2));
}
std::string alpn(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) list += counted(protocol, 1);
  return extension(16, counted(list, 2));
}
std::string body(const std::string& extensions) {
  return "\x03\x03" + std::string(32, 'r') + counted(std::string(32, 's'), 1) +
         counted("\x13\x01\x13\x02", 2) + counted(std::string(1, '\0'), 1) + counted(extensions, 2);
}
std::string message(const std::string& hello) { return '\x01' + counted(hello, 3); }
std::string record(const std::string& fragment) { return "\x16\x03\x01" + counted(fragment, 2); }
std::string hello(const std::string& extensions) { return record(message(body(extensions))); }

TEST(ClientHello, TellsTheServerNameAndTheProtocolsOffered) {
  const ClientHello parse =
      parse_client_hello(hello(extension(0x0a0a, "") + name("Models.Example.") +
                               extension(43, "\x02\x03\x04") + alpn({"h2", "http/1.1"})));

  ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
  EXPECT_EQ(parse.server_name, "Models.Example");
  EXPECT_EQ(parse.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
}

TEST(ClientHello, IsJudgedAlikeHoweverMuchOfWhatFollowsHasCome) {
  const std::string mine = message(body(""));
  const std::string more = record(mine + "more");

  for (std::size_t cut = 0; cut <= 4; ++cut) {
    EXPECT_EQ(parse_client_hello(more.substr(0, more.size() - cut)).kind, ClientHello::Kind::bad)
        << cut;
  }
}

TEST(ClientHello, MayNameNobody) {
  const std::string bare = "\x03\x03" + std::string(32, 'r') + '\0' + counted("\0\x2f"s, 2) +
                           counted(std::string(1, '\0'), 1);
  for (const std::string& bytes : {hello(""), record(message(bare))}) {
    const ClientHello parse = parse_client_hello(bytes);
    ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
    EXPECT_EQ(parse.server_name, "");
    EXPECT_TRUE(parse.alpn.empty());
  }
}

TEST(ClientHello, IsReadInWhateverRecordsItComes) {
  const std::string whole =
      message(body(name("a.example") + extension(21, std::string(600, '\0'))));
  for (const std::size_t size : {1u, 3u, 4u, 5u, 100u, 500u}) {
    std::string records;
    for (std::size_t at = 0; at < whole.size(); at += size) {
      records += record(whole.substr(at, size));
    }
    const ClientHello parse = parse_client_hello(records + "\x14\x03\x03");
    ASSERT_EQ(parse.kind, Kind::done) << size << ": " << parse.reason;
    EXPECT_EQ(parse.server_name, "a.example");
  }
}

TEST(ClientHello, AsksForMoreUntilItIsWhole) {
  const std::string whole = message(body(name("a.example")));
  const std::string bytes = record(whole.substr(0, 40)) + record(whole.substr(40));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_client_hello(bytes.substr(0, size)).kind, Kind::incomplete) << size;
  }
  EXPECT_EQ(parse_client_hello(bytes).kind, Kind::done);
}

TEST(ClientHello, IsToldFromOtherProtocolsAtTheFirstByte) {
  EXPECT_EQ(parse_client_hello("G").kind, Kind::not_tls);
  EXPECT_EQ(parse_client_hello("\x16\x02").kind, Kind::not_tls);
  EXPECT_EQ(parse_client_hello("\x80\x2e\x01\x03\x01").kind, Kind::not_tls);  // SSL 2
}

TEST(ClientHello, IsBadWhereItsLengthsContradictEachOther) {
  const std::string good = body(name("a.example"));
  for (const std::string& wrong : {record(""),
                                   "\x16\x03\x01\x40\x01"s,
                                   record("\x02" + counted(good, 3)),
                                   record(message(good) + "x"),
                                   record(message(good + "x")),
                                   record(message(good.substr(2))),
                                   record(message(good.substr(0, good.size() - 1))),
                                   record(message("")),
                                   record("\x01\x01\0\0"s),
                                   hello(name("")),
                                   hello(name(std::string(256, 'a'))),
                                   hello(name("a b")),
                                   hello(name("a\0b"s)),
                                   hello(name("a.example") + name("b.example")),
                                   hello(extension(0, counted("\0\0\1a\0\0\1b"s, 2))),
                                   hello(extension(0, "\0\5\0\0\1a"s)),
                                   hello(extension(0, "")),
                                   hello(extension(16, "\0\0"s)),
                                   hello(alpn({""})),
                                   hello(extension(16, "\0\3\5h2"s)),
                                   hello("\0"s),
                                   record(message(good).substr(0, 20)) + "\x17\x03\x03"}) {
    EXPECT_EQ(parse_client_hello(wrong).kind, Kind::bad) << testing::PrintToString(wrong);
  }
}

TEST(ClientHello, HasABound) {
  const std::string long_one = message(body(extension(21, std::string(20'000, '\0'))));
  std::string records;
  for (std::size_t at = 0; at < long_one.size(); at += 10'000) {
    records += record(long_one.substr(at, 10'000));
  }
  EXPECT_EQ(parse_client_hello(records).kind, Kind::bad);
  EXPECT_EQ(parse_client_hello(records.substr(0, 20)).kind, Kind::bad);

  // As small a fragment as can be: the records' heads count.
  std::string drops;
  const std::string whole = message(body(extension(21, std::string(4'000, '\0'))));
  for (const char c : whole) drops += record(std::string(1, c));
  EXPECT_EQ(parse_client_hello(drops.substr(0, kMaxClientHello)).kind, Kind::bad);
}

}  // namespace
}  // namespace weir::net
