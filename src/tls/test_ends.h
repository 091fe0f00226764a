// For tests: both ends of a connection over TLS, on one loop.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "net/test_loop.h"
#include "tls/back.h"
#include "tls/front.h"
#include "tls/test_certificates.h"

namespace weir::tls {

inline Task<> greet(net::Stream& stream, std::optional<net::Io>& status) {
  const net::Read read = co_await stream.ready(net::Deadline(kNever));
  status = read.status;
}

struct Ends {
  explicit Ends(net::TestLoop& l) : loop(l) {
    auto [a, b] = net::tcp_pair();
    client = net::Stream::adopt(loop.reactor, std::move(a));
    server = net::Stream::adopt(loop.reactor, std::move(b));
  }
  // True when both ends say that the handshake is done.
  bool shake(const Front& front, const Back& back, Local<LastSession> last = {},
             const std::string& host = "localhost") {
    Endpoint endpoint;
    endpoint.address = "127.0.0.1:1";
    endpoint.host = host;
    auto theirs = back.codec(*client, endpoint, std::move(last));
    auto ours = front.codec(*server);
    client_codec = theirs.get();
    server_codec = ours.get();
    client->set_codec(std::move(theirs));
    server->set_codec(std::move(ours));
    std::optional<net::Io> one, two;
    loop.scope.spawn(greet(*client, one));
    loop.scope.spawn(greet(*server, two));
    loop.until([&] { return one && two; });
    return one == net::Io::ok && two == net::Io::ok;
  }

  net::TestLoop& loop;
  net::Owned<net::Stream> client, server;
  Codec* client_codec = nullptr;
  Codec* server_codec = nullptr;
};

// A listener with these certificates, and clients that trust the authority.
class TlsTest : public testing::Test {
 protected:
  static std::shared_ptr<Front> front(const ListenerTls& options) {
    auto made = Front::make("web", options, tickets());
    EXPECT_TRUE(made) << made.error().key << ": " << made.error().what;
    return *made;
  }
  static std::shared_ptr<Back> back(EndpointTls options = {}) {
    if (options.verify && options.ca.empty()) options.ca = authority().ca();
    auto made = Back::make("api", options);
    EXPECT_TRUE(made) << made.error().key << ": " << made.error().what;
    return *made;
  }
  static TestAuthority& authority() {
    static TestAuthority one;
    return one;
  }
  static std::shared_ptr<TicketKeys> tickets() {
    static const auto keys = std::make_shared<TicketKeys>(Time{});
    return keys;
  }
  static ListenerTls plain() {
    static const TlsCertificate certificate = authority().issue("localhost");
    ListenerTls options;
    options.certificates = {certificate};
    return options;
  }

  net::TestLoop loop;
};

}  // namespace weir::tls
