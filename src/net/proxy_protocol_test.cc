#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using Kind = ProxyParse::Kind;
using namespace std::literals;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

Address address(std::string_view text) { return parse_address(text).value(); }

std::string v2(std::string_view version_and_family, std::string_view rest) {
  std::string out = kSignature + std::string(version_and_family);
  out += static_cast<char>(rest.size() >> 8);
  out += static_cast<char>(rest.size() & 0xff);
  return out + std::string(rest);
}

TEST(ProxyProtocol, ReadsTheClientOfAVersion1Line) {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";

  const ProxyParse parse = parse_proxy_header(line + "GET /");

  ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
  EXPECT_EQ(parse.length, line.size());
  EXPECT_EQ(parse.header.source.to_string(), "192.0.2.1:56324");
  EXPECT_EQ(parse.header.destination.to_string(), "198.51.100.7:443");
}

TEST(ProxyProtocol, ReadsTheLongestVersion1Line) {
  const std::string line =
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
      "65535 65535\r\n";
  ASSERT_LE(line.size(), 107u);

  const ProxyParse parse = parse_proxy_header(line);

  ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
  EXPECT_EQ(parse.header.source.port(), 65535);
}

TEST(ProxyProtocol, WritesWhatItReads) {
  const std::pair<const char*, const char*> pairs[] = {{"192.0.2.1:1", "198.51.100.7:65535"},
                                                       {"[2001:db8::1]:4711", "[::1]:443"}};
  for (const auto& [source, destination] : pairs) {
    for (const auto& header : {proxy_header_v1(address(source), address(destination)),
                               proxy_header_v2(address(source), address(destination))}) {
      const ProxyParse parse = parse_proxy_header(header);
      ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
      EXPECT_EQ(parse.length, header.size());
      EXPECT_EQ(parse.header.source.to_string(), source);
      EXPECT_EQ(parse.header.destination.to_string(), destination);
    }
  }
}

TEST(ProxyProtocol, WritesMixedFamiliesAsIPv6) {
  const Address v4 = address("192.0.2.1:1");
  const Address v6 = address("[::1]:2");

  const ProxyParse one = parse_proxy_header(proxy_header_v1(v4, v6));
  const ProxyParse two = parse_proxy_header(proxy_header_v2(v4, v6));

  ASSERT_EQ(one.kind, Kind::done) << one.reason;
  ASSERT_EQ(two.kind, Kind::done) << two.reason;
  EXPECT_EQ(one.header.source.to_string(), "[::ffff:192.0.2.1]:1");
  EXPECT_EQ(two.header.source.to_string(), "[::ffff:192.0.2.1]:1");
}

TEST(ProxyProtocol, SpeaksForItselfWithoutAnAddress) {
  const Address local = parse_address("unix:/run/x").value();
  EXPECT_EQ(proxy_header_v1(local, Address()), "PROXY UNKNOWN\r\n");
  for (const std::string& header :
       {proxy_header_v1(local, local), proxy_header_v2(local, local),
        std::string("PROXY UNKNOWN ffff::1 ::2 65535 1\r\n"),
        v2("\x20\x11", "whatever stands here"), v2("\x21"s + '\0', "some TLVs"),
        v2("\x21\x31", std::string(216, 'x'))}) {
    const ProxyParse parse = parse_proxy_header(header + "rest");
    ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
    EXPECT_EQ(parse.length, header.size());
    EXPECT_FALSE(parse.header.names_client());
  }
}

TEST(ProxyProtocol, SkipsWhatFollowsTheAddresses) {
  const std::string header = v2("\x21\x11", "\xc0\0\2\1\xc6\x33\x64\7\xdc\4\1\xbb\x04\0\x02hi"s);

  const ProxyParse parse = parse_proxy_header(header);

  ASSERT_EQ(parse.kind, Kind::done) << parse.reason;
  EXPECT_EQ(parse.length, header.size());
  EXPECT_EQ(parse.header.source.to_string(), "192.0.2.1:56324");
}

TEST(ProxyProtocol, AsksForMoreWhileAHeaderIsPossible) {
  for (const std::string& header : {std::string("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"),
                                    v2("\x21\x11", "\xc0\0\2\1\xc6\x33\x64\7\xdc\4\1\xbb"s)}) {
    for (std::size_t size = 0; size < header.size(); ++size) {
      EXPECT_EQ(parse_proxy_header(header.substr(0, size)).kind, Kind::incomplete) << size;
    }
    EXPECT_EQ(parse_proxy_header(header).kind, Kind::done);
  }
}

TEST(ProxyProtocol, RefusesWhatIsNone) {
  for (const std::string& wrong : {"G"s,
                                   "PROXI"s,
                                   "\r\n\r\n\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 1\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7  443\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 056324 443\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 +1 443\r\n"s,
                                   "PROXY TCP4 192.0.2.01 198.51.100.7 1 443\r\n"s,
                                   "PROXY TCP4 ::1 ::1 1 443\r\n"s,
                                   "PROXY TCP6 192.0.2.1 198.51.100.7 1 443\r\n"s,
                                   "PROXY TCP6 ::1%1 ::1 1 443\r\n"s,
                                   "PROXY UDP4 192.0.2.1 198.51.100.7 1 443\r\n"s,
                                   "PROXY TCP4 192.0.2.1 198.51.100.7 1 443\n"s,
                                   "PROXY UNKNOWNX\r\n"s,
                                   "PROXY TCP4 192.0.2.1\0 198.51.100.7 1 443\r\n"s,
                                   "PROXY " + std::string(101, 'x'),
                                   v2("\x11\x11", std::string(12, 'x')),
                                   v2("\x31\x11", std::string(12, 'x')),
                                   v2("\x22\x11", std::string(12, 'x')),
                                   v2("\x21\x12", std::string(12, 'x')),
                                   v2("\x21\x13", std::string(12, 'x')),
                                   v2("\x21\x11", std::string(11, 'x')),
                                   v2("\x21\x21", std::string(35, 'x')),
                                   v2("\x21\x31", std::string(215, 'x')),
                                   kSignature + "\x21\x11\xff\xff"}) {
    EXPECT_EQ(parse_proxy_header(wrong).kind, Kind::bad) << wrong;
  }
}

}  // namespace
}  // namespace weir::net
