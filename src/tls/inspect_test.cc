#include "tls/inspect.h"

#include <gtest/gtest.h>

#include <fstream>

#include "model/desired_decode.h"
#include "tls/test_certificates.h"

namespace weir::tls {
namespace {

class Inspect : public testing::Test {
 protected:
  // The only mistake of a listener with this certificate; "" where there is none.
  std::string mistake(const std::string& certificate, const std::string& key,
                      const std::string& more = "", bool strict = true) {
    const std::string yaml = fmt::format(
        "listeners:\n"
        "  web:\n"
        "    bind: 127.0.0.1:8443\n"
        "    protocol: https\n"
        "    tls:\n"
        "      certificates:\n"
        "        - certificate: {}\n"
        "          key: {}\n"
        "{}",
        certificate, key, more);
    Host host = this_host();
    warnings.clear();
    host.inspect = [&](const Desired& desired, config::Findings& findings) {
      inspect(desired, strict, system_clock().wall(), findings, warnings);
    };
    const Loaded loaded = load_text(yaml, "f", host);
    EXPECT_LE(loaded.mistakes.size(), 1u);
    return loaded.good() ? "" : to_string(loaded.mistakes[0]);
  }

  TestAuthority authority;
  std::vector<std::string> warnings;
};

TEST_F(Inspect, GoodFilesPass) {
  const auto good = authority.issue("good");

  EXPECT_EQ(mistake(good.certificate, good.key), "");
  EXPECT_TRUE(warnings.empty());
}

TEST_F(Inspect, TellsAMissingFileAndItsPlace) {
  const auto good = authority.issue("good");

  EXPECT_EQ(mistake("/nowhere.pem", good.key),
            "f:7:24: listeners.web.tls.certificates[0].certificate: file '/nowhere.pem' does not "
            "exist: write the path of a file");
  EXPECT_EQ(mistake(good.certificate, "/nowhere.key"),
            "f:8:16: listeners.web.tls.certificates[0].key: file '/nowhere.key' does not exist: "
            "write the path of a file");
}

TEST_F(Inspect, TellsAKeyOfAnotherCertificate) {
  const auto one = authority.issue("one");
  const auto two = authority.issue("two");

  EXPECT_NE(mistake(one.certificate, two.key).find("is not that of the certificate in"),
            std::string::npos);
}

TEST_F(Inspect, TellsWhatIsNoCertificateAndNoKey) {
  const auto good = authority.issue("good");
  const std::string rubbish = authority.path("rubbish");
  std::ofstream(rubbish) << "rubbish\n";

  EXPECT_NE(mistake(rubbish, good.key).find("holds no certificate"), std::string::npos);
  EXPECT_NE(mistake(good.certificate, rubbish).find("holds no private key"), std::string::npos);
}

TEST_F(Inspect, AnExpiredCertificateIsAMistakeInACheckAndAWarningWhenServing) {
  Wish wish;
  wish.from = -2 * 86400;
  wish.until = -86400;
  const auto old = authority.issue("old", wish);

  EXPECT_NE(mistake(old.certificate, old.key).find(" expired on 20"), std::string::npos);
  EXPECT_EQ(mistake(old.certificate, old.key, "", false), "");
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(Inspect, WarnsOfACertificateThatEndsSoon) {
  Wish wish;
  wish.until = 3 * 86400 + 600;
  const auto soon = authority.issue("soon", wish);

  EXPECT_EQ(mistake(soon.certificate, soon.key), "");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("expires in 3 days"), std::string::npos);
}

TEST_F(Inspect, AKeyOpenToAllIsAMistakeAndOneOpenToItsGroupAWarning) {
  const auto good = authority.issue("good");
  ::chmod(good.key.c_str(), 0640);
  EXPECT_EQ(mistake(good.certificate, good.key), "");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("is open to its group"), std::string::npos);

  ::chmod(good.key.c_str(), 0644);
  const std::string told = mistake(good.certificate, good.key);
  EXPECT_NE(told.find("is open to everybody: chmod 600 "), std::string::npos) << told;
}

TEST_F(Inspect, TellsWhatIsNoOcspResponse) {
  const auto good = authority.issue("good");

  EXPECT_NE(mistake(good.certificate, good.key, "          ocsp: " + good.certificate + "\n")
                .find("tls.certificates[0].ocsp: is not an OCSP response"),
            std::string::npos);
}

TEST_F(Inspect, LooksAtTheAuthoritiesOfClientsAndEndpoints) {
  const auto good = authority.issue("good");

  EXPECT_NE(mistake(good.certificate, good.key,
                    "      mutual_authentication: { mode: verify, ca: /nowhere }\n")
                .find("listeners.web.tls.mutual_authentication.ca: file '/nowhere' does not exist"),
            std::string::npos);
  EXPECT_NE(mistake(good.certificate, good.key,
                    "target_groups:\n  api:\n    protocol: https\n    tls: { ca: /nowhere }\n"
                    "    endpoints: [127.0.0.1:9]\n")
                .find("target_groups.api.tls.ca: file '/nowhere' does not exist"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::tls
