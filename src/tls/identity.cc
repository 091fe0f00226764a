#include "tls/identity.h"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <ctime>

namespace weir::tls {
namespace {

int mutual_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string contents(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

// As ALB: all but letters, digits, '-._~' and '+=/'.
std::string escaped(const std::string& text) {
  static constexpr std::string_view kPlain = "-._~+=/";
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return contents(bio.get());
}

std::string name_text(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  return contents(bio.get());
}

std::string serial_text(X509* certificate) {
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr);
  char* hex = number ? BN_bn2hex(number) : nullptr;
  std::string text = hex ? hex : "";
  OPENSSL_free(hex);
  BN_free(number);
  return text;
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "";
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

}  // namespace

void set_mutual(SSL_CTX* ctx, Mutual mutual) {
  SSL_CTX_set_ex_data(ctx, mutual_index(),
                      reinterpret_cast<void*>(static_cast<std::intptr_t>(mutual)));
}

Identity identity_of(const SSL* ssl) {
  const SSL_CTX* ctx = SSL_get_SSL_CTX(ssl);
  const auto mutual = static_cast<Mutual>(
      reinterpret_cast<std::intptr_t>(SSL_CTX_get_ex_data(ctx, mutual_index())));
  Identity identity;
  if (mutual == Mutual::off) return identity;
  const Cert leaf(SSL_get1_peer_certificate(ssl));
  if (!leaf) return identity;
  if (mutual == Mutual::passthrough) {
    std::string chain = pem(leaf.get());
    // A server's chain of the peer leaves the leaf out.
    const STACK_OF(X509)* others = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; others && i < sk_X509_num(others); ++i) chain += pem(sk_X509_value(others, i));
    identity.emplace_back("X-Amzn-Mtls-Clientcert", escaped(chain));
    return identity;
  }
  identity.emplace_back("X-Amzn-Mtls-Clientcert-Serial-Number", serial_text(leaf.get()));
  identity.emplace_back("X-Amzn-Mtls-Clientcert-Issuer",
                        name_text(X509_get_issuer_name(leaf.get())));
  identity.emplace_back("X-Amzn-Mtls-Clientcert-Subject",
                        name_text(X509_get_subject_name(leaf.get())));
  identity.emplace_back(
      "X-Amzn-Mtls-Clientcert-Validity",
      fmt::format("NotBefore={};NotAfter={}", time_text(X509_get0_notBefore(leaf.get())),
                  time_text(X509_get0_notAfter(leaf.get()))));
  identity.emplace_back("X-Amzn-Mtls-Clientcert-Leaf", escaped(pem(leaf.get())));
  return identity;
}

}  // namespace weir::tls
