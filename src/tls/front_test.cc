#include "tls/front.h"

#include <fstream>
#include <map>

#include "model/tls_policy.h"
#include "tls/keeper.h"
#include "tls/material.h"
#include "tls/test_ends.h"

namespace weir::tls {
namespace {

class FrontTest : public TlsTest {
 protected:
  // The common name of the certificate that a client is shown who asks for `host`.
  std::string shown(const Front& front, const std::string& host, const char* sigalgs = nullptr) {
    Ends ends(loop);
    EndpointTls careless;
    careless.verify = false;
    const auto client = back(careless);
    if (sigalgs) SSL_CTX_set1_sigalgs_list(client->current().get(), sigalgs);
    EXPECT_TRUE(ends.shake(front, *client, {}, host));
    const Cert certificate(SSL_get1_peer_certificate(ends.client_codec->ssl()));
    if (!certificate) return "none";
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof name);
    return name;
  }
  TlsCertificate issue(const std::string& name, const std::string& names, bool rsa = false) {
    Wish wish;
    wish.names = names;
    wish.rsa = rsa;
    return authority().issue(name, wish);
  }
};

TEST_F(FrontTest, TheNameAskedForChoosesTheCertificate) {
  ListenerTls options;
  options.certificates = {issue("first", "DNS:first.example"), issue("wild", "DNS:*.wild.example"),
                          issue("exact", "DNS:one.wild.example,DNS:Two.Example")};
  const auto made = front(options);

  EXPECT_EQ(shown(*made, "first.example"), "first");
  EXPECT_EQ(shown(*made, "any.wild.example"), "wild");
  EXPECT_EQ(shown(*made, "ANY.wild.example"), "wild");
  EXPECT_EQ(shown(*made, "one.wild.example"), "exact");
  EXPECT_EQ(shown(*made, "two.example"), "exact");
  EXPECT_EQ(shown(*made, "a.b.wild.example"), "first") << "a wildcard is one label";
  EXPECT_EQ(shown(*made, "wild.example"), "first");
  EXPECT_EQ(shown(*made, "nobody.example"), "first");
  EXPECT_EQ(shown(*made, ""), "first");
}

TEST_F(FrontTest, RsaAndEcdsaStandSideBySide) {
  ListenerTls options;
  options.certificates = {issue("curve", "DNS:a.example"), issue("rsa", "DNS:a.example", true),
                          issue("other", "DNS:b.example")};
  const auto made = front(options);

  EXPECT_EQ(shown(*made, "a.example", "ECDSA+SHA256"), "curve");
  EXPECT_EQ(shown(*made, "a.example", "RSA-PSS+SHA256"), "rsa");
  EXPECT_EQ(shown(*made, "b.example", "ECDSA+SHA256"), "other");
}

TEST_F(FrontTest, APolicyBoundsTheVersions) {
  ListenerTls options = plain();
  options.policy = "ELBSecurityPolicy-TLS13-1-3-2021-06";
  const auto only13 = front(options);
  options.policy = "ELBSecurityPolicy-FS-1-2-Res-2020-10";
  const auto only12 = front(options);
  const auto client = back();
  SSL_CTX_set_max_proto_version(client->current().get(), TLS1_2_VERSION);

  Ends refused(loop);
  EXPECT_FALSE(refused.shake(*only13, *client));
  EXPECT_EQ(refused.server_codec->trouble(), Trouble::version);
  Ends taken(loop);
  ASSERT_TRUE(taken.shake(*only12, *client));
  EXPECT_EQ(taken.server_codec->version(), "TLSv1.2");
  EXPECT_EQ(taken.server_codec->cipher(), "ECDHE-ECDSA-AES128-GCM-SHA256");
}

TEST_F(FrontTest, EveryPolicyCanBeApplied) {
  for (const TlsPolicy& policy : tls_policies()) {
    const Ctx ctx(SSL_CTX_new(TLS_server_method()));
    EXPECT_TRUE(apply_policy(ctx.get(), std::string(policy.name))) << policy.name;
  }
}

class Resuming : public FrontTest, public testing::WithParamInterface<std::pair<int, bool>> {};

TEST_P(Resuming, ASecondConnectionResumesAlsoAtAnotherFront) {
  const auto [version, with_tickets] = GetParam();
  ListenerTls options = plain();
  options.session_tickets = with_tickets;
  const auto first = front(options);
  const auto client = back();
  SSL_CTX_set_max_proto_version(client->current().get(), version);
  const auto last = make_local<LastSession>();
  const auto connect = [&](const Front& to) {
    Ends ends(loop);
    EXPECT_TRUE(ends.shake(to, *client, last));
    loop.settle();
    EXPECT_TRUE(ends.client->quiet());  // takes the tickets in
    return ends.server_codec->resumed();
  };

  EXPECT_FALSE(connect(*first));
  EXPECT_TRUE(connect(*first));
  if (with_tickets) {
    EXPECT_TRUE(connect(*front(options))) << "the keys are the process's";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Resuming,
                         testing::Values(std::pair(TLS1_3_VERSION, true),
                                         std::pair(TLS1_3_VERSION, false),
                                         std::pair(TLS1_2_VERSION, true),
                                         std::pair(TLS1_2_VERSION, false)));

TEST_F(FrontTest, ClientsCertificatesAreToldAsAlbDoes) {
  ListenerTls options = plain();
  options.mutual_authentication = {"verify", authority().ca()};
  EndpointTls mine;
  const TlsCertificate certificate = issue("alice", "DNS:alice.example");
  mine.certificate = certificate.certificate;
  mine.key = certificate.key;
  Ends ends(loop);
  ASSERT_TRUE(ends.shake(*front(options), *back(mine)));

  std::map<std::string, std::string> told;
  for (const auto& [name, value] : ends.server_codec->identity()) told[name] = value;
  EXPECT_EQ(told.size(), 5u);
  EXPECT_EQ(told["X-Amzn-Mtls-Clientcert-Subject"], "CN=alice");
  EXPECT_EQ(told["X-Amzn-Mtls-Clientcert-Issuer"], "CN=weir test authority");
  EXPECT_TRUE(told["X-Amzn-Mtls-Clientcert-Validity"].starts_with("NotBefore=20"));
  EXPECT_TRUE(told["X-Amzn-Mtls-Clientcert-Leaf"].starts_with("-----BEGIN%20CERTIFICATE-----%0A"));
  EXPECT_FALSE(told["X-Amzn-Mtls-Clientcert-Serial-Number"].empty());
}

TEST_F(FrontTest, PassthroughTakesAnyCertificateAndNone) {
  TestAuthority stranger;
  ListenerTls options = plain();
  options.mutual_authentication.mode = "passthrough";
  const auto made = front(options);
  EndpointTls mine;
  const TlsCertificate certificate = stranger.issue("mallory");
  mine.certificate = certificate.certificate;
  mine.key = certificate.key;

  Ends with(loop);
  ASSERT_TRUE(with.shake(*made, *back(mine)));
  ASSERT_EQ(with.server_codec->identity().size(), 1u);
  EXPECT_EQ(with.server_codec->identity()[0].first, "X-Amzn-Mtls-Clientcert");
  Ends without(loop);
  ASSERT_TRUE(without.shake(*made, *back()));
  EXPECT_TRUE(without.server_codec->identity().empty());
}

// ---------------------------------------------------------------- files that change

TEST_F(FrontTest, NewFilesAreTakenAndBadOnesAreNot) {
  ListenerTls options;
  options.certificates = {issue("renewed", "DNS:old.example")};
  const auto made = front(options);
  const auto names = [&] {
    const Ctx ctx = made->current();
    return names_of(SSL_CTX_get0_certificate(ctx.get())).front();
  };
  ASSERT_EQ(names(), "old.example");

  issue("renewed", "DNS:new.example");
  made->look();
  EXPECT_EQ(names(), "new.example");

  std::ofstream(options.certificates[0].key) << "rubbish";
  made->look();
  EXPECT_EQ(names(), "new.example");
  issue("renewed", "DNS:newest.example");
  made->look();
  EXPECT_EQ(names(), "newest.example");
}

TEST_F(FrontTest, TheKeeperLooksByItself) {
  Keeper keeper;
  ListenerTls options;
  options.certificates = {issue("kept", "DNS:old.example")};
  const auto one = keeper.front("web", options);
  ASSERT_TRUE(one);
  EXPECT_EQ(*keeper.front("web", options), *one);

  issue("kept", "DNS:new.example");
  keeper.look();
  const auto& kept = static_cast<const Front&>(**one);
  EXPECT_TRUE(loop.until([&] {
    const Ctx ctx = kept.current();
    return names_of(SSL_CTX_get0_certificate(ctx.get())).front() == "new.example";
  }));
}

TEST(TicketKeys, OldKeysOpenWhatTheySealedAndAskForANewSeal) {
  TicketKeys keys{Time{}};
  unsigned char name[16], iv[16];
  const auto with = [&](auto use) {
    const std::unique_ptr<EVP_CIPHER_CTX, FreeBy<EVP_CIPHER_CTX_free>> cipher(EVP_CIPHER_CTX_new());
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    const std::unique_ptr<EVP_MAC_CTX, FreeBy<EVP_MAC_CTX_free>> mac(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
    return use(cipher.get(), mac.get());
  };
  const auto open = [&] {
    return with([&](auto* cipher, auto* mac) { return keys.open(name, iv, cipher, mac); });
  };
  ASSERT_EQ(with([&](auto* cipher, auto* mac) { return keys.seal(name, iv, cipher, mac); }), 1);

  EXPECT_EQ(open(), 1);
  keys.renew(Time{} + TicketKeys::kRenewal / 2);
  EXPECT_EQ(open(), 1);
  keys.renew(Time{} + TicketKeys::kRenewal);
  EXPECT_EQ(open(), 2);
  for (std::size_t i = 2; i < TicketKeys::kKept + 2; ++i) {
    keys.renew(Time{} + TicketKeys::kRenewal * static_cast<long>(i));
  }
  EXPECT_EQ(open(), 0);
}

}  // namespace
}  // namespace weir::tls
