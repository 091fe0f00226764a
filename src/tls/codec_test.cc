#include "tls/codec.h"

#include <sys/socket.h>

#include "tls/test_ends.h"

namespace weir::tls {
namespace {

using net::Deadline;
using net::Io;

class CodecTest : public TlsTest {
 protected:
  CodecTest() : ends(loop) { EXPECT_TRUE(ends.shake(*front(plain()), *back())); }

  void write(net::Stream& stream, const std::string& bytes) {
    std::optional<Io> status;
    loop.scope.spawn(net::write_once(stream, bytes, Deadline(kNever), status));
    EXPECT_TRUE(loop.until([&] { return status.has_value(); }));
    EXPECT_EQ(status, Io::ok);
  }
  std::string read(net::Stream& stream) {
    std::optional<Io> status;
    std::string bytes;
    loop.scope.spawn(net::read_once(stream, Deadline(kNever), status, bytes));
    EXPECT_TRUE(loop.until([&] { return status.has_value(); }));
    end = status.value_or(Io::timeout);
    return bytes;
  }

  Ends ends;
  Io end = Io::ok;
};

TEST_F(CodecTest, CarriesBytesBothWays) {
  write(*ends.client, "hello");
  EXPECT_EQ(read(*ends.server), "hello");
  write(*ends.server, "good day");
  EXPECT_EQ(read(*ends.client), "good day");

  EXPECT_EQ(ends.server_codec->version(), "TLSv1.3");
  EXPECT_EQ(ends.server_codec->cipher(), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(ends.server_codec->protocol(), "http/1.1");
}

TEST_F(CodecTest, CarriesMuchThroughASlowReader) {
  std::string much;
  for (int i = 0; much.size() < 6'000'000; ++i) much += std::to_string(i) + ",";
  std::optional<Io> status;
  loop.scope.spawn(net::write_once(*ends.server, much, Deadline(kNever), status));
  loop.settle();
  EXPECT_FALSE(status) << "the kernel cannot have taken all of it";

  net::Got got;
  loop.scope.spawn(net::read_all(*ends.client, Deadline(kNever), got, 10'000));
  EXPECT_TRUE(loop.until([&] { return got.bytes.size() == much.size(); }));
  EXPECT_EQ(status, Io::ok);
  EXPECT_TRUE(got.bytes == much);
  ends.server.reset();
  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
  EXPECT_EQ(got.end, Io::eof);
}

Task<> write_pieces(net::Stream& stream, std::vector<std::string> texts,
                    std::optional<Io>& status) {
  std::vector<iovec> pieces;
  for (std::string& text : texts) pieces.push_back({text.data(), text.size()});
  status = co_await stream.write(std::span<const iovec>(pieces), Deadline(kNever));
}

int records = 0;
void count_records(int write, int, int type, const void*, std::size_t, SSL*, void*) {
  if (!write && type == SSL3_RT_HEADER) ++records;
}

TEST_F(CodecTest, EndsProperlyAndIsToldFromABrokenOne) {
  ends.server->shutdown_write();
  EXPECT_EQ(read(*ends.client), "");
  EXPECT_EQ(end, Io::eof);
  // The other direction goes on.
  write(*ends.client, "still here");
  EXPECT_EQ(read(*ends.server), "still here");
}

TEST_F(CodecTest, AnEndWithoutCloseNotifyIsNoEnd) {
  ::shutdown(ends.server->fd(), SHUT_WR);

  EXPECT_EQ(read(*ends.client), "");
  EXPECT_EQ(end, Io::reset);
}

TEST_F(CodecTest, AbortIsAReset) {
  ends.server->abort();

  EXPECT_EQ(read(*ends.client), "");
  EXPECT_EQ(end, Io::reset);
}

TEST_F(CodecTest, TamperedBytesEndTheConnection) {
  const std::string noise(100, '\x17');
  ASSERT_EQ(::send(ends.server->fd(), noise.data(), noise.size(), 0), 100);

  EXPECT_EQ(read(*ends.client), "");
  EXPECT_EQ(end, Io::failed);
}

TEST_F(CodecTest, IsQuietAfterTheTicketsButNotAfterBytesOrAnEnd) {
  loop.settle();
  EXPECT_TRUE(ends.client->quiet()) << "a ticket is TLS's own affair";
  write(*ends.server, "x");
  loop.settle();
  EXPECT_FALSE(ends.client->quiet());
  EXPECT_EQ(read(*ends.client), "x");
  EXPECT_TRUE(ends.client->quiet());
  ends.server->close();
  loop.settle();
  EXPECT_FALSE(ends.client->quiet());
}

TEST_F(CodecTest, AWriteThatWasGivenUpSpoilsTheStream) {
  const std::string much(8'000'000, 'x');
  std::optional<Io> status;
  const Time soon = loop.reactor.clock().now() + 20ms;
  loop.scope.spawn(net::write_once(*ends.server, much, Deadline(soon), status));
  EXPECT_TRUE(loop.until([&] { return status.has_value(); }));
  EXPECT_EQ(status, Io::timeout);

  std::optional<Io> again;
  loop.scope.spawn(net::write_once(*ends.server, "y", Deadline(kNever), again));
  loop.settle();
  EXPECT_EQ(again, Io::failed);
}

// ---------------------------------------------------------------- records

class Records : public TlsTest {};

TEST_F(Records, SmallPiecesAreJoinedAndLargeOnesFillTheirs) {
  ListenerTls options = plain();
  options.session_tickets = false;
  Ends ends(loop);
  ASSERT_TRUE(ends.shake(*front(options), *back()));
  net::Got got;
  loop.scope.spawn(net::read_all(*ends.client, Deadline(kNever), got));
  loop.settle();
  SSL_set_msg_callback(ends.client_codec->ssl(), &count_records);
  const auto send = [&](std::vector<std::string> texts, std::size_t expected) {
    records = 0;
    got.bytes.clear();
    std::optional<Io> status;
    loop.scope.spawn(write_pieces(*ends.server, std::move(texts), status));
    EXPECT_TRUE(loop.until([&] { return got.bytes.size() == expected; }));
    return records;
  };

  EXPECT_EQ(send({"head", "", "body", "\r\n"}, 10), 1);
  EXPECT_EQ(got.bytes, "headbody\r\n");
  EXPECT_EQ(send({std::string(65536, 'b')}, 65536), 4);
  EXPECT_EQ(send({"1000\r\n", std::string(65536, 'c'), "\r\n"}, 65544), 5);
  EXPECT_EQ(got.bytes, "1000\r\n" + std::string(65536, 'c') + "\r\n");
  ends.server.reset();
  EXPECT_TRUE(loop.until([&] { return got.end.has_value(); }));
}

// ---------------------------------------------------------------- handshakes that fail

class Failing : public TlsTest {
 protected:
  // What each end makes of it.
  std::pair<Trouble, Trouble> shake(const Front& front, const Back& back,
                                    const std::string& host = "localhost") {
    Ends ends(loop);
    EXPECT_FALSE(ends.shake(front, back, {}, host));
    return {ends.client_codec->trouble(), ends.server_codec->trouble()};
  }
};

TEST_F(Failing, AnotherNameIsNotTrusted) {
  const auto [client, server] = shake(*front(plain()), *back(), "elsewhere.example");

  EXPECT_EQ(client, Trouble::wrong_name);
  EXPECT_EQ(server, Trouble::refused);
}

TEST_F(Failing, AnUnknownAuthorityIsNotTrusted) {
  TestAuthority other;
  EndpointTls options;
  options.ca = other.ca();

  EXPECT_EQ(shake(*front(plain()), *back(options)).first, Trouble::untrusted);
}

TEST_F(Failing, AnExpiredCertificateIsNotTrusted) {
  Wish wish;
  wish.from = -7200;
  wish.until = -3600;
  ListenerTls options;
  options.certificates = {authority().issue("old", wish)};

  EXPECT_EQ(shake(*front(options), *back()).first, Trouble::expired);
}

TEST_F(Failing, WhatIsNotVerifiedPasses) {
  TestAuthority other;
  ListenerTls options;
  options.certificates = {other.issue("whoever")};
  EndpointTls careless;
  careless.verify = false;
  Ends ends(loop);

  EXPECT_TRUE(ends.shake(*front(options), *back(careless), {}, "elsewhere.example"));
}

TEST_F(Failing, AClientThatSpeaksInTheClearIsTold) {
  Ends ends(loop);
  ends.server->set_codec(front(plain())->codec(*ends.server));
  const auto& codec = static_cast<const Codec&>(*ends.server->codec());
  std::optional<Io> status;
  loop.scope.spawn(greet(*ends.server, status));
  ASSERT_EQ(::send(ends.client->fd(), "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  EXPECT_TRUE(loop.until([&] { return status.has_value(); }));

  EXPECT_EQ(status, Io::failed);
  EXPECT_EQ(codec.trouble(), Trouble::not_tls);
}

TEST_F(Failing, AClientThatLeavesIsTold) {
  Ends ends(loop);
  ends.server->set_codec(front(plain())->codec(*ends.server));
  const auto& codec = static_cast<const Codec&>(*ends.server->codec());
  std::optional<Io> status;
  loop.scope.spawn(greet(*ends.server, status));
  loop.settle();
  ends.client.reset();
  EXPECT_TRUE(loop.until([&] { return status.has_value(); }));

  EXPECT_EQ(status, Io::reset);
  EXPECT_EQ(codec.trouble(), Trouble::closed);
}

TEST_F(Failing, AClientWithoutACertificateIsRefusedWhereOneIsNeeded) {
  ListenerTls options = plain();
  options.mutual_authentication = {"verify", authority().ca()};
  Ends ends(loop);
  ends.shake(*front(options), *back());  // in TLS 1.3 the client learns of it later

  EXPECT_EQ(ends.server_codec->trouble(), Trouble::no_certificate);
}

}  // namespace
}  // namespace weir::tls
