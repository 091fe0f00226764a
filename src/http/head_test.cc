#include "http/head.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/test_head.h"

namespace weir::http {
namespace {

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}
std::string host(std::string_view fields) { return get("Host: a\r\n" + std::string(fields)); }

// ---------------------------------------------------------------- requests that are refused

struct Refusal {
  std::string text;
  std::uint16_t status;
  const char* reason;  // a part of it
};

std::vector<Refusal> refused_requests() {
  using namespace std::string_literals;
  return {
      // The request line.
      {"\n", 400, "bare line feed"},
      {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "bare line feed"},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad request line"},
      {"GET /\r\nHost: a\r\n\r\n", 400, "bad request line"},
      {"GET\r\n\r\n", 400, "bad request line"},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, ""},
      {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "method"},
      {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400, "control byte"},
      {"GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /#part HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "neither a path nor"},
      {"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "neither a path nor"},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "neither a path nor"},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "OPTIONS"},
      {"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", 400, "without a host"},
      {"GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "without a path"},
      {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Host header"},
      {"GET http://u@a/ HTTP/1.0\r\n\r\n", 400, "host in the target"},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "differs"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, "CONNECT"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "version"},
      {"GET / HTTP/1\r\nHost: a\r\n\r\n", 400, "version"},
      {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "version"},
      {"GET / HTTP/1.x\r\nHost: a\r\n\r\n", 400, "version"},
      {"GET / HTTP/11\r\nHost: a\r\n\r\n", 400, "version"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "version"},
      {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "version"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
      {"\x16\x03\x01\x02\x05\x01\r\n", 400, ""},
      // Header lines.
      {get("Host: a\nX: b\r\n"), 400, "bare line feed"},
      {get("Host: a\r\nX: b\n"), 400, "bare line feed"},
      {get("Host: a\r\n\n"), 400, "bare line feed"},
      {get("Host: a\rX: b\r\n"), 400, "carriage return"},
      {get("Host: a\r\n\rX: b\r\n"), 400, "carriage return"},
      {get("Host: a\r\r\n"), 400, "carriage return"},
      {get(" Host: a\r\n"), 400, "folded"},
      {get("Host: a\r\n b\r\n"), 400, "folded"},
      {get("Host: a\r\n\tb\r\n"), 400, "folded"},
      {get("Host: a\r\n \r\n"), 400, "folded"},
      {get("Host : a\r\n"), 400, "before the colon"},
      {get("Host\t: a\r\n"), 400, "before the colon"},
      {get("Host: a\r\nContent-Length : 5\r\n"), 400, "before the colon"},
      {get("Host: a\r\n: b\r\n"), 400, "without a name"},
      {get("Host: a\r\nX\r\n"), 400, "header name"},
      {get("Host: a\r\nX(y): b\r\n"), 400, "header name"},
      {get("Host: a\r\nX\0: b\r\n"s), 400, "header name"},
      {get("Host: a\r\nX\xe9: b\r\n"), 400, "header name"},
      {get("Host: a\r\nX: b\0c\r\n"s), 400, "control byte"},
      {get("Host: a\r\nX: b\x01\r\n"), 400, "control byte"},
      {get("Host: a\r\nX: b\x0b"
           "c\r\n"),
       400, "control byte"},
      {get("Host: a\r\nX: \x7f\r\n"), 400, "control byte"},
      // Host.
      {get(""), 400, "no Host"},
      {get("Host: a\r\nHost: a\r\n"), 400, "more than one Host"},
      {get("Host: a\r\nhOST: b\r\n"), 400, "more than one Host"},
      {get("Host: a, b\r\n"), 400, "bad Host"},
      {get("Host: a b\r\n"), 400, "bad Host"},
      {get("Host: u@a\r\n"), 400, "bad Host"},
      {get("Host: a/b\r\n"), 400, "bad Host"},
      {get("Host: http://a\r\n"), 400, "bad Host"},
      {get("Host: a?b\r\n"), 400, "bad Host"},
      {get("Host: a#b\r\n"), 400, "bad Host"},
      {get("Host: a\\b\r\n"), 400, "bad Host"},
      {get("Host: a\xff\r\n"), 400, "bad Host"},
      {get("Host: a:b\r\n"), 400, "bad Host"},
      {get("Host: a:65536\r\n"), 400, "bad Host"},
      {get("Host: a:-1\r\n"), 400, "bad Host"},
      {get("Host: a:80:80\r\n"), 400, "bad Host"},
      {get("Host: [::1\r\n"), 400, "bad Host"},
      {get("Host: []\r\n"), 400, "bad Host"},
      {get("Host: [word]\r\n"), 400, "bad Host"},
      {get("Host: [cafe]\r\n"), 400, "bad Host"},
      {get("Host: [fe80::1%25eth0]\r\n"), 400, "bad Host"},
      {get("Host: [::1]a\r\n"), 400, "bad Host"},
      {get("Host: a[::1]\r\n"), 400, "bad Host"},
      // Framing: what smuggling is made of.
      {host("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, "more than one Content-Length"},
      {host("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, "more than one Content-Length"},
      {host("Content-Length: 5, 5\r\n"), 400, "not a number"},
      {host("Content-Length: +5\r\n"), 400, "not a number"},
      {host("Content-Length: -5\r\n"), 400, "not a number"},
      {host("Content-Length: 0x5\r\n"), 400, "not a number"},
      {host("Content-Length: 5 5\r\n"), 400, "not a number"},
      {host("Content-Length: 5.0\r\n"), 400, "not a number"},
      {host("Content-Length: \"5\"\r\n"), 400, "not a number"},
      {host("Content-Length:\r\n"), 400, "not a number"},
      {host("Content-Length: 1000000000000000000\r\n"), 400, "not a number"},
      {host("Content-Length: 18446744073709551621\r\n"), 400, "not a number"},
      {host("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, "both"},
      {host("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400, "both"},
      {host("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
       "more than one Transfer-Encoding"},
      {host("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400,
       "more than one Transfer-Encoding"},
      {host("Transfer-Encoding: chunked, chunked\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: gzip, chunked\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: chunked, identity\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: identity\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: xchunked\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: chunked;q=1\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: \"chunked\"\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding:\r\n"), 501, "other than chunked"},
      {host("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400, "control byte"},
      {host("Transfer-Encoding : chunked\r\n"), 400, "before the colon"},
      {host("Transfer-Encoding:\r\n chunked\r\n"), 400, "folded"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
      // Others.
      {host("Expect: something\r\n"), 417, "100-continue"},
      {host("Connection: " + std::string(1025, 'a') + "\r\n"), 400, "Connection"},
      {host("Connection: " + std::string(600, 'a') + "\r\nConnection: " + std::string(600, 'b') +
            "\r\n"),
       400, "Connection"},
  };
}

TEST(RequestHead, RefusesWhatTwoParsersCouldReadInTwoWays) {
  for (const Refusal& one : refused_requests()) {
    SCOPED_TRACE(testing::PrintToString(one.text));
    const Request request(one.text);
    EXPECT_EQ(request.parsed.kind, Kind::refused);
    EXPECT_EQ(request.parsed.status, one.status);
    EXPECT_NE(std::string_view(request.parsed.reason).find(one.reason), std::string_view::npos)
        << request.parsed.reason;
  }
}

TEST(RequestHead, NeverTakesAPartOfARefusedOne) {
  for (const Refusal& one : refused_requests()) {
    bool refused = false;
    for (std::size_t size = 0; size <= one.text.size(); ++size) {
      const Request part(one.text.substr(0, size));
      EXPECT_NE(part.parsed.kind, Kind::done) << testing::PrintToString(one.text.substr(0, size));
      EXPECT_FALSE(refused && part.parsed.kind == Kind::incomplete)
          << testing::PrintToString(one.text.substr(0, size));
      refused = part.parsed.kind == Kind::refused;
    }
  }
}

TEST(RequestHead, RefusesAsSoonAsItCannotBecomeOne) {
  for (const char* text :
       {"\x16\x03\x01\x02", "G\x01", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n",
        "GET / HTTP/1.1\r\n ", "GET / HTTP/1.1\r\n\n", "GET / HTTP/1.1\r\nX: a\x01"}) {
    EXPECT_EQ(Request(text).parsed.kind, Kind::refused) << testing::PrintToString(text);
  }
}

// ---------------------------------------------------------------- requests that are good

std::vector<std::string> good_requests() {
  return {
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
      "GET /?a=b&c=%20\"<>^`{|} HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://a/b?c HTTP/1.1\r\nHost: A\r\n\r\n",
      "GET https://[::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      "M-SEARCH /x HTTP/1.1\r\nHost:\r\n\r\n",
      "POST / HTTP/1.1\r\nhost:a\r\nCONTENT-LENGTH:\t 5 \t\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ChunkeD\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \xff\xfe obs\ttext\r\nEmpty:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n" + std::string("A-header-longer-than-a-vector-register-is: ") +
          std::string(100, 'v') + "\r\n\r\n",
  };
}

TEST(RequestHead, IsDoneAtItsLastByteAndNotBefore) {
  for (const std::string& text : good_requests()) {
    SCOPED_TRACE(testing::PrintToString(text));
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_EQ(Request(text.substr(0, size)).parsed.kind, Kind::incomplete) << size;
    }
    for (const char* behind : {"", "\r\n", "GET ", "5\r\n", "\n", "\x01"}) {
      const Request whole(text + behind);
      EXPECT_EQ(whole.parsed.kind, Kind::done) << whole.parsed.reason;
      EXPECT_EQ(whole.parsed.length, text.size());
    }
  }
}

TEST(RequestHead, GivesThePartsOfARequest) {
  const Request request(
      "POST /v1/chat?x=1&y HTTP/1.1\r\nHost: models.example:8080\r\nContent-Length: 42\r\n"
      "User-Agent:  curl \r\n\r\n");
  const RequestHead& head = request.head;

  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat?x=1&y");
  EXPECT_EQ(head.path, "/v1/chat");
  EXPECT_EQ(head.query, "x=1&y");
  EXPECT_EQ(head.host, "models.example");
  EXPECT_EQ(head.authority, "models.example:8080");
  EXPECT_EQ(head.port, 8080);
  EXPECT_EQ(head.minor, 1);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.framing.kind, Framing::Kind::length);
  EXPECT_EQ(head.framing.length, 42u);
  ASSERT_EQ(head.fields.list.size(), 3u);
  EXPECT_EQ(head.fields.list[2].name, "User-Agent");
  EXPECT_EQ(head.fields.list[2].value, "curl");
  EXPECT_EQ(head.fields.known[1], Known::content_length);
  EXPECT_EQ(head.fields.get(Known::host), "models.example:8080");
  EXPECT_FALSE(head.fields.has(Known::via));
  EXPECT_TRUE(head.fields.raw.starts_with("Host:") && head.fields.raw.ends_with("curl \r\n"));
}

TEST(RequestHead, TellsNoQueryFromAnEmptyOne) {
  EXPECT_EQ(Request("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").head.query.data(), nullptr);
  const Request empty("GET /a? HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(empty.head.query, "");
  EXPECT_NE(empty.head.query.data(), nullptr);
  EXPECT_EQ(Request("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").head.query.data(), nullptr);
}

TEST(RequestHead, TakesAuthorityFromAnAbsoluteTarget) {
  const Request request("GET http://models.example:81/a?b HTTP/1.0\r\n\r\n");

  EXPECT_EQ(request.head.authority, "models.example:81");
  EXPECT_EQ(request.head.host, "models.example");
  EXPECT_EQ(request.head.port, 81);
  EXPECT_EQ(request.head.path, "/a");
  EXPECT_EQ(request.head.query, "b");
}

TEST(RequestHead, TakesTheHostsThereAre) {
  struct Case {
    const char *value, *host;
    std::uint16_t port;
  };
  for (const Case& one :
       {Case{"a", "a", 0}, Case{"a:80", "a", 80}, Case{"a:", "a", 0}, Case{"", "", 0},
        Case{"[::1]", "::1", 0}, Case{"[::1]:81", "::1", 81}, Case{"x_y.example", "x_y.example", 0},
        Case{"127.0.0.1:1", "127.0.0.1", 1}}) {
    const Request request(get("Host: " + std::string(one.value) + "\r\n"));
    ASSERT_EQ(request.parsed.kind, Kind::done) << one.value << request.parsed.reason;
    EXPECT_EQ(request.head.host, one.host);
    EXPECT_EQ(request.head.port, one.port);
  }
}

TEST(RequestHead, KeepsTheConnectionAsTheVersionAndTheClientSay) {
  const auto keeps = [](std::string_view version, std::string_view fields) {
    return Request("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) +
                   "\r\n")
        .head.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, CLOSE ,y\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: closed\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(RequestHead, SeesExpectationsAndUpgrades) {
  EXPECT_TRUE(Request(host("Expect: 100-Continue\r\nContent-Length: 5\r\n")).head.expect_continue);
  EXPECT_FALSE(Request("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").head.expect_continue);
  EXPECT_TRUE(
      Request(host("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n")).head.upgrade);
  EXPECT_FALSE(Request(host("Upgrade: websocket\r\n")).head.upgrade);
  EXPECT_FALSE(Request(host("Connection: Upgrade\r\nUpgrade: h2c\r\n")).head.upgrade);
  EXPECT_FALSE(Request(host("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n"))
                   .head.upgrade);
  EXPECT_FALSE(
      Request("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
          .head.upgrade);
}

TEST(RequestHead, ForgetsTheOneBefore) {
  RequestHead head;
  const Bytes first(
      "POST http://a:1/b?c HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n");
  ASSERT_EQ(parse_request(first.view(), {}, head).kind, Kind::done);
  const Bytes second("GET / HTTP/1.1\r\nHost: b\r\n\r\n");
  ASSERT_EQ(parse_request(second.view(), {}, head).kind, Kind::done);

  EXPECT_EQ(head.query.data(), nullptr);
  EXPECT_EQ(head.port, 0);
  EXPECT_EQ(head.framing.kind, Framing::Kind::none);
  EXPECT_EQ(head.framing.length, 0u);
  EXPECT_FALSE(head.fields.has(Known::connection));
  EXPECT_EQ(head.fields.list.size(), 1u);
}

TEST(RequestHead, HoldsToItsLimits) {
  const std::string small = host("X: y\r\n");
  const HeadLimits exact{small.size(), 2};
  EXPECT_EQ(Request(small, exact).parsed.kind, Kind::done);
  EXPECT_EQ(Request(small + std::string(1000, 'b'), exact).parsed.kind, Kind::done)
      << "a body counts not";
  for (const HeadLimits& limits : {HeadLimits{small.size() - 1, 2}, HeadLimits{small.size(), 1}}) {
    EXPECT_EQ(Request(small, limits).parsed.kind, Kind::refused);
    EXPECT_EQ(Request(small, limits).parsed.status, 431);
  }
  // Also before its end, and in each part of it.
  const HeadLimits limits{100, 10};
  for (const std::string& endless :
       {"GET /" + std::string(200, 'a'), std::string(200, 'G'),
        "GET / HTTP/1.1\r\nX" + std::string(200, 'x'), get("X: " + std::string(200, 'x')),
        get(std::string("Host: a\r\nX: ") + std::string(200, 'x'))}) {
    const Request request(endless, limits);
    EXPECT_EQ(request.parsed.kind, Kind::refused);
    EXPECT_EQ(request.parsed.status, 431);
  }
}

}  // namespace
}  // namespace weir::http
