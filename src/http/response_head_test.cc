#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "http/head.h"
#include "http/test_head.h"

namespace weir::http {
namespace {

TEST(ResponseHead, RefusesWhatIsNone) {
  for (const char* text :
       {"HTTP/1.1 200 OK\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 099 No\r\n\r\n",
        "HTTP/1.1 600 No\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "200 OK\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\n x: y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    const Response response(text);
    EXPECT_EQ(response.parsed.kind, Kind::refused) << testing::PrintToString(text);
    EXPECT_EQ(response.parsed.status, 502);
    bool refused = false;
    for (std::size_t size = 0; size < std::strlen(text); ++size) {
      const Response part(std::string_view(text, size));
      EXPECT_NE(part.parsed.kind, Kind::done) << testing::PrintToString(text);
      EXPECT_FALSE(refused && part.parsed.kind == Kind::incomplete) << testing::PrintToString(text);
      refused = part.parsed.kind == Kind::refused;
    }
  }
}

TEST(ResponseHead, IsDoneAtItsLastByteAndNotBefore) {
  for (const std::string text :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\nX: y\r\n\r\n",
        "HTTP/1.0 404 Not \xe9 Found\tindeed\r\nContent-Length: 5\r\n\r\n"}) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_EQ(Response(text.substr(0, size)).parsed.kind, Kind::incomplete) << text;
    }
    const Response whole(text + "body\n");
    EXPECT_EQ(whole.parsed.kind, Kind::done) << text << whole.parsed.reason;
    EXPECT_EQ(whole.parsed.length, text.size());
  }
}

TEST(ResponseHead, GivesItsFraming) {
  using F = Framing::Kind;
  struct Case {
    const char* text;
    bool to_head;
    F kind;
    std::uint64_t length;
    bool keep_alive;
  };
  for (const Case& one : {
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, F::length, 5, true},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, F::none, 0, true},
           Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, F::chunked, 0,
                true},
           Case{"HTTP/1.1 200 OK\r\n\r\n", false, F::until_close, 0, false},
           Case{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", false,
                F::length, 5, false},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, F::none, 0, true},
           Case{"HTTP/1.1 200 OK\r\n\r\n", true, F::none, 0, true},
           Case{"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", false, F::none, 0, true},
           Case{"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", false, F::none, 0, true},
           Case{"HTTP/1.1 103 Early\r\n\r\n", false, F::none, 0, true},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, F::length, 5, false},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", false,
                F::length, 5, true},
           Case{"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n",
                false, F::chunked, 0, false},
       }) {
    const Response response(one.text, one.to_head);
    ASSERT_EQ(response.parsed.kind, Kind::done) << one.text;
    EXPECT_EQ(response.head.framing.kind, one.kind) << one.text;
    EXPECT_EQ(response.head.framing.length, one.length) << one.text;
    EXPECT_EQ(response.head.keep_alive, one.keep_alive) << one.text;
  }
}

TEST(ResponseHead, HoldsToItsLimits) {
  for (const std::string& text : {"HTTP/1.1 200 " + std::string(200, 'a'),
                                  "HTTP/1.1 200 OK\r\nX: " + std::string(200, 'a') + "\r\n\r\n"}) {
    const Response response(text, false, HeadLimits{100, 10});
    EXPECT_EQ(response.parsed.kind, Kind::refused);
    EXPECT_EQ(response.parsed.status, 502);
  }
}

// ---------------------------------------------------------------- trailers and lists

Parsed trailers(std::string_view text, Fields& fields) {
  return parse_trailers(Bytes(text).view(), {}, fields);
}

TEST(Trailers, AreFieldsThatNobodyActsOn) {
  Fields fields;
  EXPECT_EQ(trailers("X-Sum: 1\r\nServer-Timing: a\r\n\r\n", fields).kind, Kind::done);
  EXPECT_EQ(fields.list.size(), 2u);
  EXPECT_EQ(trailers("\r\n", fields).kind, Kind::done);
  EXPECT_EQ(trailers("X-Sum: 1\r\n", fields).kind, Kind::incomplete);
  for (const char* text :
       {"Content-Length: 5\r\n\r\n", "transfer-encoding: chunked\r\n\r\n", "Host: a\r\n\r\n",
        "Connection: x\r\n\r\n", "X-Forwarded-For: 1.2.3.4\r\n\r\n", "Trailer: x\r\n\r\n",
        " X: y\r\n\r\n", "X\r\n\r\n", "X: a\nY: b\r\n\r\n"}) {
    EXPECT_EQ(trailers(text, fields).kind, Kind::refused) << text;
  }
}

TEST(KnownHeader, KnowsEachByItsNameInAnyCase) {
  for (const auto& [name, known] : std::initializer_list<std::pair<const char*, Known>>{
           {"connection", Known::connection},
           {"content-length", Known::content_length},
           {"expect", Known::expect},
           {"host", Known::host},
           {"keep-alive", Known::keep_alive},
           {"proxy-connection", Known::proxy_connection},
           {"te", Known::te},
           {"trailer", Known::trailer},
           {"transfer-encoding", Known::transfer_encoding},
           {"upgrade", Known::upgrade},
           {"via", Known::via},
           {"traceparent", Known::traceparent},
           {"x-forwarded-for", Known::x_forwarded_for},
           {"x-forwarded-port", Known::x_forwarded_port},
           {"x-forwarded-proto", Known::x_forwarded_proto},
           {"x-request-id", Known::x_request_id}}) {
    std::string upper(name), wrong(name);
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    wrong.back() = static_cast<char>(wrong.back() ^ 1);
    EXPECT_EQ(known_header(name), known) << name;
    EXPECT_EQ(known_header(upper), known) << upper;
    EXPECT_EQ(known_header(wrong), Known::other) << wrong;
  }
  EXPECT_EQ(known_header("content_length"), Known::other);
  EXPECT_EQ(known_header(""), Known::other);
}

TEST(ListHas, ComparesWholeElementsWithoutCase) {
  EXPECT_TRUE(list_has("close", "close"));
  EXPECT_TRUE(list_has("a, \tCLOSE ,b", "close"));
  EXPECT_TRUE(list_has(",,close,", "close"));
  EXPECT_FALSE(list_has("", "close"));
  EXPECT_FALSE(list_has("closed, clos", "close"));
  EXPECT_FALSE(list_has("a close", "close"));
}

}  // namespace
}  // namespace weir::http
