#include "http/writer.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace weir::http {
namespace {

constexpr Forwarded kForwarded{"192.0.2.7", "http", "8080", "fresh-id", "00-fresh-trace-01"};

// `text` with slack, parsed, written on.
std::string forward(std::string_view text, const Forwarded& forwarded = kForwarded) {
  std::string bytes(text);
  bytes.reserve(bytes.size() + 64);
  RequestHead head;
  const Parsed parsed = parse_request(bytes, {}, head);
  EXPECT_EQ(parsed.kind, Parsed::Kind::done) << parsed.reason;
  std::string out;
  write_request(out, head, forwarded);
  return out;
}
std::string host(std::string_view fields) {
  return forward("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
}

// How often a header stands in the message, and its first value.
int count(std::string_view message, std::string_view name) {
  std::string bytes(message);
  bytes.reserve(bytes.size() + 64);
  int found = 0;
  for (std::size_t at = bytes.find("\r\n"); at + 4 < bytes.size();
       at = bytes.find("\r\n", at + 2)) {
    const std::string_view line(bytes.data() + at + 2, bytes.size() - at - 2);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        equal_ignoring_case(line.substr(0, name.size()), name)) {
      ++found;
    }
  }
  return found;
}
std::string value(std::string_view message, std::string_view name) {
  const std::string needle = "\r\n" + std::string(name) + ": ";
  const auto at = message.find(needle);
  if (at == std::string_view::npos) return "(none)";
  const auto begin = at + needle.size();
  return std::string(message.substr(begin, message.find("\r\n", begin) - begin));
}

TEST(WriteRequest, PassesAPlainRequestOnWithWhatAProxyAdds) {
  EXPECT_EQ(forward("GET /a?b=c HTTP/1.1\r\nHost: models.example\r\nAccept: */*\r\n\r\n"),
            "GET /a?b=c HTTP/1.1\r\nHost: models.example\r\nAccept: */*\r\nVia: 1.1 weir\r\n"
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 8080\r\n"
            "X-Request-Id: fresh-id\r\ntraceparent: 00-fresh-trace-01\r\n\r\n");
}

TEST(WriteRequest, WritesTheTargetAsAPath) {
  const auto line = [](std::string_view target) {
    const std::string out = forward("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return out.substr(0, out.find("\r\n"));
  };
  EXPECT_EQ(line("/a"), "GET /a HTTP/1.1");
  EXPECT_EQ(line("/a?"), "GET /a? HTTP/1.1");
  EXPECT_EQ(line("/a?b?c"), "GET /a?b?c HTTP/1.1");
  EXPECT_EQ(line("http://a"), "GET / HTTP/1.1");
  EXPECT_EQ(line("http://a/b?c"), "GET /b?c HTTP/1.1");
  EXPECT_EQ(line("//b/c"), "GET //b/c HTTP/1.1");
  const std::string all = forward("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(all.substr(0, all.find("\r\n")), "OPTIONS * HTTP/1.1");
}

TEST(WriteRequest, SpeaksOneOneForAnOldClientAndNamesTheHost) {
  const std::string out = forward("GET http://a:81/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_TRUE(out.starts_with("GET / HTTP/1.1\r\n")) << out;
  EXPECT_EQ(value(out, "Host"), "a:81");
  EXPECT_EQ(count(out, "Connection"), 0);
  EXPECT_EQ(value(forward("GET / HTTP/1.0\r\n\r\n"), "Host"), "");
}

TEST(WriteRequest, DropsWhatIsHopByHop) {
  const std::string out = host(
      "Connection: keep-alive, X-Private , close\r\nKeep-Alive: timeout=5\r\nProxy-Connection: "
      "x\r\n"
      "TE: trailers\r\nUpgrade: h2c\r\nX-Private: secret\r\nx-PRIVATE: again\r\nX-Public: "
      "stays\r\n");

  for (const char* name :
       {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "X-Private"}) {
    EXPECT_EQ(count(out, name), 0) << name << out;
  }
  EXPECT_EQ(value(out, "X-Public"), "stays");
  EXPECT_EQ(out.find("secret"), std::string::npos);
}

TEST(WriteRequest, DropsWhatAnyOfSeveralConnectionHeadersNames) {
  const std::string out =
      host("Connection: X-One\r\nX-One: 1\r\nX-Two: 2\r\nConnection: X-Two\r\nX-Three: 3\r\n");

  EXPECT_EQ(count(out, "X-One"), 0);
  EXPECT_EQ(count(out, "X-Two"), 0);
  EXPECT_EQ(value(out, "X-Three"), "3");
}

// A client must not take away by the Connection header what weir or the framing rests on.
TEST(WriteRequest, LetsNoClientDropWhatMatters) {
  const std::string out = forward(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Forwarded-For: "
      "198.51.100.1\r\nX-Request-Id: mine\r\n"
      "Connection: Host, Content-Length, X-Forwarded-For, X-Request-Id, Via, "
      "X-Forwarded-Proto\r\n\r\n");

  EXPECT_EQ(value(out, "Host"), "a");
  EXPECT_EQ(value(out, "Content-Length"), "5");
  EXPECT_EQ(value(out, "X-Forwarded-For"), "198.51.100.1, 192.0.2.7");
  EXPECT_EQ(value(out, "X-Request-Id"), "mine");
  EXPECT_EQ(value(out, "Via"), "1.1 weir");
  EXPECT_EQ(count(out, "Connection"), 0);
}

TEST(WriteRequest, WritesTheFramingOnce) {
  const std::string length = forward("POST / HTTP/1.1\r\nContent-Length: 5\r\nHost: a\r\n\r\n");
  const std::string chunked =
      forward("POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\nHost: a\r\n\r\n");
  const std::string none = host("");

  EXPECT_EQ(count(length, "Content-Length"), 1);
  EXPECT_EQ(count(length, "Transfer-Encoding"), 0);
  EXPECT_EQ(count(chunked, "Content-Length"), 0);
  EXPECT_EQ(count(chunked, "Transfer-Encoding"), 1);
  EXPECT_EQ(value(chunked, "Transfer-Encoding"), "chunked");
  EXPECT_EQ(count(none, "Content-Length") + count(none, "Transfer-Encoding"), 0);
}

TEST(WriteRequest, DropsTheExpectationThatWeirAnswersItself) {
  EXPECT_EQ(count(host("Expect: 100-continue\r\nContent-Length: 5\r\n"), "Expect"), 0);
}

TEST(WriteRequest, AddsItselfBehindWhoeverForwardedBefore) {
  const std::string out = host(
      "Via: 1.0 first\r\nX-Forwarded-For: 198.51.100.1\r\nvia: 1.1 second\r\nX-Forwarded-For: "
      "198.51.100.2\r\n"
      "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n");

  EXPECT_EQ(value(out, "Via"), "1.0 first, 1.1 second, 1.1 weir");
  EXPECT_EQ(value(out, "X-Forwarded-For"), "198.51.100.1, 198.51.100.2, 192.0.2.7");
  EXPECT_EQ(value(out, "X-Forwarded-Proto"), "http");
  EXPECT_EQ(value(out, "X-Forwarded-Port"), "8080");
  for (const char* name : {"Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port"}) {
    EXPECT_EQ(count(out, name), 1) << name;
  }
}

TEST(WriteRequest, LetsNoClientSayWhatItsCertificateSays) {
  const std::string out = host(
      "X-Amzn-Mtls-Clientcert: a\r\nx-amzn-mtls-clientcert-subject: CN=root\r\n"
      "X-Amzn-Mtls-: b\r\nX-Amzn-Trace-Id: c\r\n");

  EXPECT_EQ(count(out, "X-Amzn-Mtls-Clientcert"), 0);
  EXPECT_EQ(count(out, "X-Amzn-Mtls-Clientcert-Subject"), 0);
  EXPECT_EQ(value(out, "X-Amzn-Trace-Id"), "c");
}

TEST(WriteRequest, AddsFurtherFieldsHoweverLong) {
  const std::string long_one(5000, 'x');
  const std::pair<std::string, std::string> more[] = {{"X-One", "1"}, {"X-Long", long_one}};
  Forwarded forwarded = kForwarded;
  forwarded.more = more;
  const std::string out = forward("GET / HTTP/1.1\r\nHost: a\r\n\r\n", forwarded);

  EXPECT_EQ(value(out, "X-One"), "1");
  EXPECT_EQ(value(out, "X-Long"), long_one);
}

TEST(WriteRequest, KeepsTheClientsOwnIds) {
  const std::string out = host("x-request-id: mine\r\nTraceParent: 00-mine-01\r\n");

  EXPECT_EQ(value(out, "x-request-id"), "mine");
  EXPECT_EQ(value(out, "TraceParent"), "00-mine-01");
  EXPECT_EQ(count(out, "X-Request-Id"), 1);
  EXPECT_EQ(count(out, "traceparent"), 1);
}

TEST(WriteRequest, NamesNoClientOfAUnixSocket) {
  const Forwarded local{"", "http", "", "id", "trace"};
  const std::string plain = forward("GET / HTTP/1.1\r\nHost: a\r\n\r\n", local);
  const std::string chained =
      forward("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n", local);

  EXPECT_EQ(count(plain, "X-Forwarded-For"), 0);
  EXPECT_EQ(count(plain, "X-Forwarded-Port"), 0);
  EXPECT_EQ(value(chained, "X-Forwarded-For"), "198.51.100.1, unix");
}

TEST(WriteRequest, PassesAWebSocketOn) {
  const std::string out =
      host("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n");

  EXPECT_EQ(value(out, "Connection"), "Upgrade");
  EXPECT_EQ(value(out, "Upgrade"), "websocket");
  EXPECT_EQ(value(out, "Sec-WebSocket-Key"), "k");
  EXPECT_EQ(count(out, "Connection"), 1);
}

// ---------------------------------------------------------------- responses

std::string answer(std::string_view text, bool keep_alive = true, int minor = 1,
                   bool to_head = false) {
  std::string bytes(text);
  bytes.reserve(bytes.size() + 64);
  ResponseHead head;
  const Parsed parsed = parse_response(bytes, {}, to_head, head);
  EXPECT_EQ(parsed.kind, Parsed::Kind::done) << parsed.reason;
  Reply reply;
  reply.status = head.status;
  reply.reason = head.reason;
  reply.pass = &head.fields;
  reply.framing = head.framing;
  std::string out;
  write_response(out, reply, minor, keep_alive);
  return out;
}

TEST(WriteResponse, PassesAPlainResponseOn) {
  EXPECT_EQ(answer("HTTP/1.1 200 Fine\r\nContent-Type: a\r\nContent-Length: 5\r\n\r\n"),
            "HTTP/1.1 200 Fine\r\nContent-Type: a\r\nContent-Length: 5\r\nVia: 1.1 weir\r\n\r\n");
}

TEST(WriteResponse, DropsWhatIsHopByHop) {
  const std::string out = answer(
      "HTTP/1.1 200 OK\r\nConnection: X-Private, keep-alive\r\nKeep-Alive: timeout=5\r\nX-Private: "
      "s\r\n"
      "Proxy-Connection: x\r\nUpgrade: h2c\r\nTE: x\r\nVia: 1.1 model\r\nContent-Length: "
      "5\r\nTrailer: x\r\n\r\n");

  for (const char* name :
       {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "X-Private", "Trailer"}) {
    EXPECT_EQ(count(out, name), 0) << name << out;
  }
  EXPECT_EQ(value(out, "Via"), "1.1 model, 1.1 weir");
}

TEST(WriteResponse, WritesTheFramingOnce) {
  const std::string chunked =
      answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");

  EXPECT_EQ(count(chunked, "Transfer-Encoding"), 1);
  EXPECT_EQ(count(chunked, "Trailer"), 1);
  EXPECT_EQ(count(chunked, "Content-Length"), 0);
}

TEST(WriteResponse, GivesNoLengthToWhatHasNoBody) {
  EXPECT_EQ(count(answer("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"), "Content-Length"), 0);
  EXPECT_EQ(count(answer("HTTP/1.1 103 Early\r\nContent-Length: 5\r\n\r\n"), "Content-Length"), 0);
  EXPECT_EQ(count(answer("HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n"), "Content-Length"), 1);
  EXPECT_EQ(count(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 1, true),
                  "Content-Length"),
            1);
}

TEST(WriteResponse, TellsTheClientWhatBecomesOfTheConnection) {
  const char* plain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(value(answer(plain, true, 1), "Connection"), "(none)");
  EXPECT_EQ(value(answer(plain, false, 1), "Connection"), "close");
  EXPECT_EQ(value(answer(plain, true, 0), "Connection"), "keep-alive");
  EXPECT_EQ(value(answer(plain, false, 0), "Connection"), "close");
  EXPECT_EQ(value(answer("HTTP/1.1 103 Early\r\n\r\n", false, 1), "Connection"), "(none)");
  EXPECT_EQ(
      value(answer("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", false),
            "Connection"),
      "Upgrade");
}

TEST(WriteResponse, WritesAnAnswerOfItsOwn) {
  const HeaderView add[] = {{"Content-Type", "text/plain"}, {"Content-Length", "3"}};
  Reply reply;
  reply.status = 503;
  reply.add = add;
  std::string out;
  write_response(out, reply, 1, false);

  EXPECT_EQ(out,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
            "Connection: close\r\n\r\n");
}

TEST(WriteChunkSize, IsHexWithItsLineEnd) {
  for (const auto& [size, text] : std::initializer_list<std::pair<std::size_t, const char*>>{
           {1, "1\r\n"}, {10, "a\r\n"}, {500, "1f4\r\n"}, {65536, "10000\r\n"}}) {
    std::string out;
    write_chunk_size(out, size);
    EXPECT_EQ(out, text);
  }
}

}  // namespace
}  // namespace weir::http
