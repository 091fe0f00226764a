// What goes beyond the plain way: copies, sticky sessions, edited heads.
#include <gtest/gtest.h>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

// A listener whose rule sends copies of all to the group `shadow`, played by host 1.
class Mirrored : public OneGroup {
 protected:
  void start_mirrored(TargetGroup options = {}) {
    start(2, options);
    plane->set_group("api", options, {endpoints[0]});
    plane->set_group("shadow", {}, {endpoints[1]});
    Listener listener;
    Rule rule;
    rule.match.path = {"*"};
    rule.action = Forward{{{"api", 1}}};
    rule.mirror.group = "shadow";
    rule.headers.request.set = {{"X-Edited", "yes"}};
    listener.rules.push_back(rule);
    plane->set_listener("web", listener);
    plane->publish();
  }
  std::uint64_t copies(const char* outcome) {
    return plane->total(metrics::mirrored_total, {"shadow", outcome});
  }
};

TEST_F(Mirrored, CopiesABodyThatArrivesInPieces) {
  start_mirrored();
  TestPeer client = plane->connect();
  client.send("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhello");
  TestPeer main = host(0).accept();
  main.read_head();
  EXPECT_EQ(main.read(5), "hello");
  EXPECT_TRUE(host(1).nobody_comes());

  client.send("world");

  TestPeer shadow = host(1).accept();
  const std::string head = shadow.read_head();
  EXPECT_TRUE(head.starts_with("POST /x HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("\r\nX-Edited: yes\r\n"), std::string::npos) << head;
  EXPECT_EQ(shadow.read(10), "helloworld");
  main.read(5);
  main.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));  // the copy has no answer yet
  shadow.send(kOk);
  EXPECT_TRUE(eventually([&] { return copies("sent") == 1; }));
}

TEST_F(Mirrored, MakesNoCopyOfABodyThatTheAnswerOvertakes) {
  start_mirrored();
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhello");
  TestPeer main = host(0).accept();
  main.read_head();
  main.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  client.send("world");

  EXPECT_TRUE(eventually([&] { return copies("no_body") == 1; }));
  EXPECT_TRUE(host(1).nobody_comes());
}

TEST_F(Mirrored, CopyOutlivesItsClientAndItsRule) {
  start_mirrored();
  TestPeer client = plane->connect();
  client.send(post("body"));
  TestPeer shadow = host(1).accept();
  client.reset();
  plane->set_listener("web", "api");
  plane->publish();

  EXPECT_TRUE(shadow.read_head().starts_with("POST / HTTP/1.1\r\n"));
  EXPECT_EQ(shadow.read(4), "body");
  shadow.send(kOk);

  EXPECT_TRUE(eventually([&] { return copies("sent") == 1; }));
}

TEST_F(Mirrored, AFailedCopyIsNotSentAgain) {
  start_mirrored();
  host(1).close();
  TestPeer client = plane->connect();

  client.send(kGet);
  TestPeer main = host(0).accept();
  main.read_head();
  main.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return copies("failed") == 1; }));
  EXPECT_EQ(plane->total(metrics::connects_total, {"shadow"}), 1u);
}

TEST_F(Mirrored, MakesOneCopyOfARequestThatIsSentAgain) {
  start_mirrored();
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer first = host(0).accept();
  first.read_head();
  TestPeer shadow = host(1).accept();

  first.reset();

  TestPeer second = host(0).accept();
  second.read_head();
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  shadow.read_head();
  shadow.send(kOk);
  EXPECT_TRUE(eventually([&] { return copies("sent") == 1; }));
  EXPECT_TRUE(host(1).nobody_comes());
}

class StickyWay : public OneGroup {
 protected:
  static TargetGroup sticky() {
    TargetGroup options;
    options.stickiness.type = "lb_cookie";
    return options;
  }
  // Serves one request on a connection of its own; which host got it.
  std::size_t ask(const std::string& cookie, std::string& answer) {
    TestPeer client = plane->connect();
    client.send("GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" +
                (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") + "\r\n");
    for (std::size_t i = 0;; i = (i + 1) % hosts.size()) {
      if (host(i).nobody_comes()) continue;
      TestPeer endpoint = host(i).accept();
      endpoint.read_head();
      endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      answer = client.read_head();
      return i;
    }
  }
  static std::string cookie_of(const std::string& answer) {
    const auto from = answer.find("AWSALB=");
    return from == answer.npos ? "" : answer.substr(from, answer.find(';', from) - from);
  }
};

TEST_F(StickyWay, BringsAClientBackAcrossWorkers) {
  start(4, sticky(), 2);
  std::string answer;
  const std::size_t first = ask("", answer);
  const std::string cookie = cookie_of(answer);
  ASSERT_NE(cookie, "") << answer;

  for (int i = 0; i < 8; ++i) EXPECT_EQ(ask(cookie, answer), first);
}

TEST_F(StickyWay, MovesAClientWhoseEndpointFailsItsRequest) {
  start(3, sticky());
  std::string answer;
  const std::size_t first = ask("", answer);
  const std::string cookie = cookie_of(answer);
  host(first).close();

  TestPeer client = plane->connect();
  client.send("GET / HTTP/1.1\r\nHost: t\r\nCookie: " + cookie + "\r\n\r\n");

  const std::size_t others[] = {(first + 1) % 3, (first + 2) % 3};
  ASSERT_TRUE(eventually(
      [&] { return !host(others[0]).nobody_comes() || !host(others[1]).nobody_comes(); }));
  TestPeer endpoint = host(host(others[0]).nobody_comes() ? others[1] : others[0]).accept();
  endpoint.read_head();
  endpoint.send(kOk);
  answer = client.read_head();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(cookie_of(answer).substr(0, 18), cookie.substr(0, 18)) << "names another endpoint";
  EXPECT_EQ(plane->total(metrics::sticky_total, {"api", "lost"}), 1u);
}

}  // namespace
}  // namespace weir::proxy
