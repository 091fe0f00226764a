#include "api/aws/certificates/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "api/aws/world/arn.h"
#include "tls/material.h"

namespace weir::amazon::certificates {
namespace {

std::string folder_of(const Desired& desired) {
  return (std::filesystem::path(desired.state.path).parent_path() / "certificates").string();
}

// 0600 from the first byte on, and there as a whole or not at all.
Result<> write_file(const std::string& path, const std::string& text) {
  const std::string next = path + ".next";
  const auto failed = [&] {
    return fail(Code::unavailable, fmt::format("{}: {}", next, std::strerror(errno)));
  };
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed();
  const bool good = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(fd) == 0;
  if (::close(fd) != 0 || !good || std::rename(next.c_str(), path.c_str()) != 0) return failed();
  return {};
}

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

std::string name_text(const X509_NAME* name) {
  const tls::Bio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string serial_text(const X509* leaf) {
  const ASN1_INTEGER* number = X509_get0_serialNumber(leaf);
  std::string text;
  for (int i = 0; i < number->length; ++i) {
    text += fmt::format("{}{:02x}", i ? ":" : "", number->data[i]);
  }
  return text;
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

std::string algorithm_of(X509* leaf) {
  EVP_PKEY* key = X509_get0_pubkey(leaf);
  if (key == nullptr) return {};
  if (EVP_PKEY_base_id(key) == EVP_PKEY_RSA) return fmt::format("RSA_{}", EVP_PKEY_bits(key));
  char curve[64] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, curve, sizeof curve, &size) != 1) return {};
  return fmt::format("EC_{}", std::string_view(curve, size));
}

std::string signature_of(const X509* leaf) {
  int digest = 0;
  int key = 0;
  if (OBJ_find_sigid_algs(X509_get_signature_nid(leaf), &digest, &key) != 1) return {};
  return fmt::format("{}WITH{}", OBJ_nid2sn(digest), key == NID_rsaEncryption ? "RSA" : "ECDSA");
}

About about(X509* leaf) {
  return {.names = tls::names_of(leaf),
          .subject = name_text(X509_get_subject_name(leaf)),
          .issuer = name_text(X509_get_issuer_name(leaf)),
          .serial = serial_text(leaf),
          .algorithm = algorithm_of(leaf),
          .signature = signature_of(leaf),
          .from = time_of(X509_get0_notBefore(leaf)),
          .until = time_of(X509_get0_notAfter(leaf))};
}

}  // namespace

TlsCertificate files_of(const Desired& desired, const std::string& arn) {
  const std::string path = fmt::format("{}/{}", folder_of(desired), hex_of(arn, 32));
  return {.certificate = path + ".pem", .key = path + ".key", .ocsp = {}};
}

aws::Reply<About> write(const Desired& desired, const std::string& arn,
                        const std::string& certificate, const std::string& chain,
                        const std::string& key, const Codes& codes) {
  const TlsCertificate files = files_of(desired, arn);
  const TlsCertificate tried{files.certificate + ".tried", files.key + ".tried", {}};
  const std::string folder = folder_of(desired);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return aws::refuse("InternalFailure", fmt::format("{}: {}", folder, std::strerror(errno)), 500);
  }
  for (const auto& [path, text] : {std::pair(tried.certificate, with_newline(certificate) + chain),
                                   std::pair(tried.key, key)}) {
    if (const Result<> done = write_file(path, with_newline(text)); !done) {
      return aws::refuse("InternalFailure", done.error().message, 500);
    }
  }
  const auto pair = tls::read_pair(tried.certificate, tried.key);
  if (!pair) {
    std::remove(tried.certificate.c_str());
    std::remove(tried.key.c_str());
    const bool mismatch = pair.error().what.find("is not that of") != std::string::npos;
    return aws::refuse(mismatch ? codes.mismatch : codes.malformed,
                       mismatch ? "The private key doesn't match the certificate"
                       : pair.error().key == "key"
                           ? "Unable to parse the private key: PEM without a password is expected"
                           : "Unable to parse the certificate: X.509 in PEM is expected");
  }
  if (std::rename(tried.key.c_str(), files.key.c_str()) != 0 ||
      std::rename(tried.certificate.c_str(), files.certificate.c_str()) != 0) {
    return aws::refuse("InternalFailure", fmt::format("{}: {}", folder, std::strerror(errno)), 500);
  }
  return about(pair->leaf.get());
}

aws::Reply<About> read(const Desired& desired, const std::string& arn) {
  const TlsCertificate files = files_of(desired, arn);
  const auto pair = tls::read_pair(files.certificate, files.key);
  if (!pair) return aws::refuse("InternalFailure", pair.error().what, 500);
  return about(pair->leaf.get());
}

void remove(const Desired& desired, const std::string& arn) {
  const TlsCertificate files = files_of(desired, arn);
  std::remove(files.certificate.c_str());
  std::remove(files.key.c_str());
}

}  // namespace weir::amazon::certificates
