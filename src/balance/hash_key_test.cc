#include "balance/hash_key.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(HashKey, ReadsWhatItIsToldTo) {
  const std::array<HeaderView, 2> headers{{{"X-User", "ann"}, {"Cookie", "session=s1"}}};
  RequestView request;
  request.path = "/ann";
  request.headers = headers;
  request.source = *parse_ip("10.0.0.1");

  RequestView other = request;
  other.source = *parse_ip("10.0.0.2");
  other.path = "/bob";

  for (const std::string same : {"header:x-user", "cookie:session"}) {
    EXPECT_EQ(HashKey::parse(same)->of(request), HashKey::parse(same)->of(other)) << same;
  }
  for (const std::string differs : {"path", "source"}) {
    EXPECT_NE(HashKey::parse(differs)->of(request), HashKey::parse(differs)->of(other)) << differs;
  }
}

TEST(HashKey, OfAFlowIsThatOfBothEnds) {
  RequestView flow;
  flow.source = *parse_ip("10.0.0.1");
  flow.source_port = 40000;
  flow.port = 53;
  const auto key = *HashKey::parse("flow");
  RequestView other_port = flow, other_listener = flow, other_source = flow;
  other_port.source_port = 40001;
  other_listener.port = 54;
  other_source.source = *parse_ip("10.0.0.2");

  EXPECT_EQ(key.of(flow), key.of(RequestView(flow)));
  EXPECT_NE(key.of(flow), key.of(other_port));
  EXPECT_NE(key.of(flow), key.of(other_listener));
  EXPECT_NE(key.of(flow), key.of(other_source));
}

TEST(HashKey, OfARequestWithoutItIsThatOfTheSource) {
  RequestView request;
  request.source = *parse_ip("10.0.0.1");
  const std::uint64_t source = HashKey::parse("source")->of(request);

  EXPECT_EQ(HashKey::parse("header:X-User")->of(request), source);
  EXPECT_EQ(HashKey::parse("cookie:session")->of(request), source);
}

TEST(HashKey, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "user", "header", "header:", "cookie:", ":x", "query:x", "Source"}) {
    EXPECT_FALSE(HashKey::parse(text)) << text;
  }
}

TEST(HashKey, ComesFromThePlan) {
  Algorithm options = algorithm("maglev");
  options.key = "path";
  TestGroup g(3, options);
  RequestView request;
  request.path = "/a";

  EXPECT_EQ(g.current_plan().key(request), HashKey::parse("path")->of(request));

  TestGroup plain(3, algorithm("random"));
  EXPECT_EQ(plain.current_plan().key(request), 0u);
}

}  // namespace
}  // namespace weir::balance
