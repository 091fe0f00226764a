// For tests: an authority that signs certificates into files of a folder of its own.
#pragma once

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "base/check.h"
#include "model/desired_tls.h"
#include "tls/openssl.h"

namespace weir::tls {

struct Wish {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName
  bool rsa = false;
  long from = -3600;  // seconds from now
  long until = 365L * 86400;
};

class TestAuthority {
 public:
  TestAuthority() {
    char folder[] = "/tmp/weir-tls-XXXXXX";
    CHECK(::mkdtemp(folder));
    folder_ = folder;
    key_ = fresh_key(false);
    ca_ = sign("weir test authority", key_.get(), "", -3600, 365L * 86400, true);
    write("ca.pem", [&](BIO* bio) { PEM_write_bio_X509(bio, ca_.get()); });
  }
  ~TestAuthority() { std::filesystem::remove_all(folder_); }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string ca() const { return path("ca.pem"); }

  // NAME.pem and NAME.key.
  TlsCertificate issue(const std::string& name, const Wish& wish = {}) {
    const Key key = fresh_key(wish.rsa);
    const Cert leaf = sign(name, key.get(), wish.names, wish.from, wish.until, false);
    write(name + ".pem", [&](BIO* bio) { PEM_write_bio_X509(bio, leaf.get()); });
    write(name + ".key", [&](BIO* bio) {
      PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    ::chmod(path(name + ".key").c_str(), 0600);
    return {path(name + ".pem"), path(name + ".key"), ""};
  }

 private:
  static Key fresh_key(bool rsa) {
    EVP_PKEY* key = rsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                        : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    CHECK(key);
    return Key(key);
  }
  Cert sign(const std::string& name, EVP_PKEY* key, const std::string& names, long from, long until,
            bool authority) {
    Cert made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), until);
    X509_NAME* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made.get(), ca_ ? X509_get_subject_name(ca_.get()) : subject);
    X509_set_pubkey(made.get(), key);
    if (authority) add(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    if (!names.empty()) add(made.get(), NID_subject_alt_name, names);
    CHECK(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
    return made;
  }
  static void add(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    CHECK(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class F>
  void write(const std::string& name, F fill) {
    const Bio bio(BIO_new_file(path(name).c_str(), "w"));
    CHECK(bio);
    fill(bio.get());
  }

  std::string folder_;
  Key key_;
  Cert ca_;
  long serial_ = 0;
};

}  // namespace weir::tls
