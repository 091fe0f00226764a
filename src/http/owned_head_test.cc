#include "http/owned_head.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "http/writer.h"

namespace weir::http {
namespace {

std::string written(const RequestHead& head) {
  std::string out;
  write_request(out, head, Forwarded{"192.0.2.1", "http", "80", "id", "trace"});
  return out;
}

// A parsed request with the bytes that it views.
struct Request {
  explicit Request(std::string text) : bytes(std::move(text)) {
    bytes.reserve(bytes.size() + 64);
    const Parsed parsed = parse_request(bytes, HeadLimits{}, head);
    EXPECT_EQ(parsed.kind, Parsed::Kind::done);
  }
  std::string bytes;
  RequestHead head;
};

constexpr char kText[] =
    "POST /a/b?c=d HTTP/1.1\r\nHost: test:81\r\nX-A: 1\r\nConnection: keep-alive, X-Hop\r\n"
    "X-Hop: 2\r\nContent-Length: 3\r\nx-forwarded-for: 10.0.0.1\r\n\r\n";

TEST(OwnedHead, IsWrittenLikeWhatItWasCopiedFrom) {
  const Request request(kText);
  const OwnedHead copy(request.head, request.head.fields.list);

  EXPECT_EQ(written(copy.head()), written(request.head));
}

TEST(OwnedHead, OutlivesWhatItWasCopiedFrom) {
  auto request = std::make_unique<Request>(kText);
  const std::string before = written(request->head);
  const OwnedHead copy(request->head, request->head.fields.list);

  request->bytes.assign(request->bytes.size(), '#');
  request.reset();

  EXPECT_EQ(written(copy.head()), before);
}

TEST(OwnedHead, TakesAnotherHostPathAndQuery) {
  const Request request(kText);
  const OwnedHead other(request.head, request.head.fields.list, "inner:8080", "/x", "y=z");

  const std::string text = written(other.head());

  EXPECT_EQ(text.substr(0, text.find('\r')), "POST /x?y=z HTTP/1.1");
  EXPECT_NE(text.find("\r\nHost: inner:8080\r\n"), std::string::npos);
  EXPECT_EQ(text.find("test:81"), std::string::npos);
  EXPECT_EQ(other.head().host, "inner");
}

TEST(OwnedHead, LosesAnEmptyQuery) {
  const Request request(kText);
  const OwnedHead other(request.head, request.head.fields.list, {}, {}, "");

  EXPECT_EQ(written(other.head()).substr(0, 19), "POST /a/b HTTP/1.1\r");
}

TEST(OwnedHead, DropsWhatConnectionNamesStill) {
  const Request request(kText);
  const std::vector<HeaderView> lines = {{"Connection", "X-Hop"}, {"X-Hop", "2"}, {"B", "1"}};

  const OwnedHead other(request.head, lines);

  EXPECT_EQ(written(other.head()).find("X-Hop"), std::string::npos);
}

}  // namespace
}  // namespace weir::http
