#include "http/h2_fields.h"

#include <gtest/gtest.h>

#include <utility>

namespace weir::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const Pairs kGet = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "a.test:81"}, {":path", "/p?q"}};

Pairs operator+(Pairs left, const Pairs& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

struct Read {
  explicit Read(const Pairs& fields, bool end = true, HeadLimits limits = {}) {
    for (const auto& [name, value] : fields) block.add(name, value, limits);
    parsed = block.request(end, limits, text, head);
  }
  bool done() const { return parsed.kind == Parsed::Kind::done; }
  std::string get(std::string_view name) const {
    std::string all;
    for (const HeaderView& field : head.fields.list) {
      if (equal_ignoring_case(field.name, name)) all.append("[").append(field.value).append("]");
    }
    return all;
  }
  FieldBlock block;
  std::string text;
  RequestHead head;
  Parsed parsed;
};

std::string written(const FieldList& list) {
  std::string out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const nghttp2_nv& nv = list.data()[i];
    out.append(reinterpret_cast<const char*>(nv.name), nv.namelen).append("=");
    out.append(reinterpret_cast<const char*>(nv.value), nv.valuelen).append("\n");
  }
  return out;
}

TEST(FieldBlock, IsARequestAsHttp1HasIt) {
  const Read read(kGet + Pairs{{"x", "1"}});

  ASSERT_TRUE(read.done()) << read.parsed.reason;
  EXPECT_EQ(read.head.method, "GET");
  EXPECT_EQ(read.head.path, "/p");
  EXPECT_EQ(read.head.query, "q");
  EXPECT_EQ(read.head.host, "a.test");
  EXPECT_EQ(read.head.port, 81);
  EXPECT_EQ(read.get("x"), "[1]");
  EXPECT_EQ(read.get("host"), "[a.test:81]");
  EXPECT_EQ(read.head.framing.kind, Framing::Kind::none);
  EXPECT_TRUE(read.head.fields.h2);
}

TEST(FieldBlock, JoinsCookies) {
  const Read read(kGet + Pairs{{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}});

  EXPECT_EQ(read.get("cookie"), "[a=1; b=2]");
}

TEST(FieldBlock, FramesABody) {
  Pairs post = kGet;
  post[0].second = "POST";

  EXPECT_EQ(Read(post, false).head.framing.kind, Framing::Kind::chunked);
  EXPECT_EQ(Read(post + Pairs{{"content-length", "5"}}, false).head.framing.length, 5u);
  const Read empty(post, true);
  EXPECT_EQ(empty.head.framing.kind, Framing::Kind::none);
  EXPECT_EQ(empty.get("content-length"), "[0]");
}

TEST(FieldBlock, RefusesWhatTwoCouldReadInTwoWays) {
  const auto status = [](const Pairs& fields, bool end = true) {
    return Read(fields, end).done() ? 0 : Read(fields, end).parsed.status;
  };
  EXPECT_EQ(status(kGet + Pairs{{"host", "b.test"}}), 400);
  EXPECT_EQ(status(kGet + Pairs{{"host", "A.test:81"}}), 0);
  EXPECT_EQ(status(kGet + Pairs{{"host", "a.test:81"}, {"host", "a.test:81"}}), 400);
  EXPECT_EQ(status({kGet[0], kGet[1], kGet[3]}), 400);
  EXPECT_EQ(status({kGet[0], kGet[1], kGet[3], {"host", "b"}}), 0);
  EXPECT_EQ(status({kGet[0], {":scheme", "ftp"}, kGet[2], kGet[3]}), 400);
  EXPECT_EQ(status({kGet[0], kGet[1], {":authority", "u@h"}, kGet[3]}), 400);
  EXPECT_EQ(status({kGet[0], kGet[1], kGet[2], {":path", "/a b"}}), 400);
  EXPECT_EQ(status({{":method", "G T"}, kGet[1], kGet[2], kGet[3]}), 400);
  EXPECT_EQ(status({{":method", "CONNECT"}, kGet[2]}, false), 405);
  EXPECT_EQ(status(kGet + Pairs{{"expect", "x"}}), 417);
}

TEST(FieldBlock, LimitsHeads) {
  const HeadLimits limits{1024, 5};
  Pairs many = kGet;
  for (int i = 0; i < 6; ++i) many.emplace_back("x" + std::to_string(i), "y");

  EXPECT_EQ(Read(many, true, limits).parsed.status, 431);
  EXPECT_EQ(Read(kGet + Pairs{{"x", std::string(2000, 'y')}}, true, limits).parsed.status, 431);
  EXPECT_TRUE(Read(kGet + Pairs{{"x", std::string(500, 'y')}}, true, limits).done());
}

TEST(FieldBlock, TurnsAnExtendedConnectIntoAnUpgrade) {
  const Pairs connect = {{":method", "CONNECT"},
                         {":protocol", "websocket"},
                         {":scheme", "https"},
                         {":authority", "a"},
                         {":path", "/ws"}};
  const Read read(connect, false);

  ASSERT_TRUE(read.done()) << read.parsed.reason;
  EXPECT_TRUE(read.head.upgrade);
  EXPECT_EQ(read.head.method, "GET");
  EXPECT_EQ(read.get("sec-websocket-key").size(), 26u);
  EXPECT_EQ(Read(connect, true).parsed.status, 400);
  EXPECT_EQ(Read(connect + Pairs{{"content-length", "3"}}, false).parsed.status, 400);
}

TEST(ResponseText, IsFramedByTheEndOfItsStream) {
  FieldBlock block;
  std::string text;
  ResponseHead head;
  block.add(":status", "200", {});
  block.response_text(text);
  ASSERT_EQ(parse_response_text(text, false, false, {}, head).kind, Parsed::Kind::done);
  EXPECT_EQ(head.framing.kind, Framing::Kind::chunked);
  ASSERT_EQ(parse_response_text(text, true, true, {}, head).kind, Parsed::Kind::done);
  EXPECT_EQ(head.framing.kind, Framing::Kind::none);
  block.add("content-length", "3", {});
  block.response_text(text);
  ASSERT_EQ(parse_response_text(text, false, false, {}, head).kind, Parsed::Kind::done);
  EXPECT_EQ(head.framing.length, 3u);
  EXPECT_EQ(parse_response_text(text, true, false, {}, head).kind, Parsed::Kind::refused);
}

TEST(FieldList, OfARequestHasNothingOfTheConnection) {
  const std::string text =
      "POST /p?q HTTP/1.1\r\nHost: h:1\r\nConnection: X-Hop, TE\r\nX-Hop: 1\r\nTE: trailers\r\n"
      "Keep-Alive: 5\r\nVia: 1.1 other\r\nX-Forwarded-For: 1.2.3.4\r\nContent-Length: 3\r\n"
      "X-Own: 2\r\n\r\n                ";
  RequestHead head;
  ASSERT_EQ(parse_request({text.data(), text.size() - 16}, {}, head).kind, Parsed::Kind::done);
  FieldList& list = FieldList::make();

  list_request(list, head, Forwarded{"5.6.7.8", "http", "80", "id", "trace"}, "http");

  EXPECT_EQ(written(list),
            ":method=POST\n:scheme=http\n:authority=h:1\n:path=/p?q\nContent-Length=3\nX-Own=2\n"
            "te=trailers\nvia=1.1 other, 1.1 weir\nx-forwarded-for=1.2.3.4, 5.6.7.8\n"
            "x-forwarded-proto=http\nx-forwarded-port=80\nx-request-id=id\ntraceparent=trace\n");
}

TEST(FieldList, OfAResponseHasNothingOfTheConnection) {
  const std::string text =
      "HTTP/1.1 204 No Content\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 0\r\n"
      "Upgrade: h2c\r\nX-Own: 2\r\n\r\n                ";
  ResponseHead head;
  ASSERT_EQ(parse_response({text.data(), text.size() - 16}, {}, false, head).kind,
            Parsed::Kind::done);
  const HeaderView add[] = {{"X-More", "3"}};
  Reply reply;
  reply.status = 204;
  reply.pass = &head.fields;
  reply.add = add;
  FieldList& list = FieldList::make();

  list_response(list, reply);

  EXPECT_EQ(written(list), ":status=204\nX-Own=2\nvia=1.1 weir\nX-More=3\n");
}

}  // namespace
}  // namespace weir::http
