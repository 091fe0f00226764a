#include "tls/material.h"

#include <fmt/format.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

namespace weir::tls {
namespace {

constexpr std::size_t kLargest = 16 * 1024 * 1024;

Read<std::string> read_file(const std::string& path, const std::string& key) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    if (error == ENOENT) {
      return wrong(key, fmt::format("file '{}' does not exist", path), "write the path of a file");
    }
    return wrong(key, fmt::format("file '{}': {}", path, std::strerror(error)),
                 "let weir's user read it");
  }
  if (!S_ISREG(info.st_mode)) {
    return wrong(key, fmt::format("'{}' is not a file", path), "write the path of a file");
  }
  if (static_cast<std::size_t>(info.st_size) > kLargest) {
    return wrong(key, fmt::format("file '{}' is too large", path), "write the path of a PEM file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return wrong(key, fmt::format("file '{}': {}", path, std::strerror(errno)),
                 "let weir's user read it");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Bio memory(const std::string& bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// No key of ours asks for a password.
int no_password(char*, int, int, void*) { return -1; }

std::vector<Cert> certificates_in(const std::string& text) {
  std::vector<Cert> found;
  const Bio bio = memory(text);
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, &no_password, nullptr)) {
    found.emplace_back(one);
  }
  ERR_clear_error();
  return found;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return ::timegm(&parts);
}

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string date_of(std::int64_t when) {
  const std::time_t time = when;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[16];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return {text, size};
}

// The end of its validity, 0 without one.
Read<std::int64_t> check_ocsp(const std::string& der) {
  const auto bad = [] {
    ERR_clear_error();
    return wrong("ocsp", "is not an OCSP response",
                 "write a DER file, as `openssl ocsp -respout FILE` makes it");
  };
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<OCSP_RESPONSE, FreeBy<OCSP_RESPONSE_free>> response(
      d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(der.size())));
  if (!response) return bad();
  if (OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return wrong("ocsp", "is the answer of a responder that had none", "fetch it anew");
  }
  const std::unique_ptr<OCSP_BASICRESP, FreeBy<OCSP_BASICRESP_free>> basic(
      OCSP_response_get1_basic(response.get()));
  if (!basic || OCSP_resp_count(basic.get()) < 1) return bad();
  ASN1_GENERALIZEDTIME* next = nullptr;
  OCSP_single_get0_status(OCSP_resp_get0(basic.get(), 0), nullptr, nullptr, nullptr, &next);
  return seconds_of(next);
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

Read<Pair> read_pair(const std::string& certificate, const std::string& key,
                     const std::string& ocsp) {
  Pair pair;
  TRY(const std::string text, read_file(certificate, "certificate"));
  std::vector<Cert> all = certificates_in(text);
  if (all.empty()) {
    return wrong("certificate", fmt::format("file '{}' holds no certificate", certificate),
                 "write the path of a PEM file");
  }
  pair.leaf = std::move(all.front());
  for (std::size_t i = 1; i < all.size(); ++i) pair.chain.push_back(std::move(all[i]));
  const std::string& key_path = key.empty() ? certificate : key;
  TRY(std::string key_text, read_file(key_path, key.empty() ? "certificate" : "key"));
  {
    const Bio bio = memory(key_text);
    pair.key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr));
    ERR_clear_error();
    const bool sealed = key_text.find("ENCRYPTED") != std::string::npos;
    OPENSSL_cleanse(key_text.data(), key_text.size());
    if (!pair.key) {
      return wrong(key.empty() ? "certificate" : "key",
                   fmt::format("file '{}' holds no private key{}", key_path,
                               sealed ? " without a password" : ""),
                   key.empty() ? "name the key's file under key:"
                   : sealed    ? "take the password off: openssl pkey -in FILE -out FILE"
                               : "write the path of a PEM file");
    }
  }
  if (X509_check_private_key(pair.leaf.get(), pair.key.get()) != 1) {
    ERR_clear_error();
    return wrong(key.empty() ? "certificate" : "key",
                 fmt::format("the key in '{}' is not that of the certificate in '{}'", key_path,
                             certificate),
                 "name the key that the certificate was made for");
  }
  if (!ocsp.empty()) {
    TRY(pair.ocsp, read_file(ocsp, "ocsp"));
    TRY(pair.ocsp_until, check_ocsp(pair.ocsp));
  }
  return pair;
}

Read<std::vector<Cert>> read_authorities(const std::string& path) {
  TRY(const std::string text, read_file(path, "ca"));
  std::vector<Cert> all = certificates_in(text);
  if (all.empty()) {
    return wrong("ca", fmt::format("file '{}' holds no certificate", path),
                 "write the path of a PEM file");
  }
  return all;
}

std::vector<std::string> names_of(X509* leaf) {
  std::vector<std::string> names;
  auto* others =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; others && i < sk_GENERAL_NAME_num(others); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(others, i);
    if (name->type != GEN_DNS) continue;
    names.push_back(lower({reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                           static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(others);
  if (!names.empty()) return names;
  char common[256];
  const int size =
      X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, common, sizeof common);
  if (size > 0) names.push_back(lower({common, static_cast<std::size_t>(size)}));
  return names;
}

std::string not_valid_now(X509* leaf, WallTime now) {
  const std::int64_t second = seconds_of(now);
  const std::int64_t begins = seconds_of(X509_get0_notBefore(leaf));
  const std::int64_t ends = seconds_of(X509_get0_notAfter(leaf));
  if (second > ends) return "expired on " + date_of(ends);
  if (second < begins) return "is not valid before " + date_of(begins);
  return "";
}

double days_left(X509* leaf, WallTime now) {
  return static_cast<double>(seconds_of(X509_get0_notAfter(leaf)) - seconds_of(now)) / 86400;
}

Openness openness(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return Openness::closed;
  if (info.st_mode & (S_IROTH | S_IWOTH)) return Openness::world;
  return info.st_mode & (S_IRGRP | S_IWGRP) ? Openness::group : Openness::closed;
}

std::string stamp_of(const std::vector<std::string>& paths) {
  std::string stamp;
  for (const std::string& path : paths) {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) {
      stamp += fmt::format("{}.{}.{}.{}.{};", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                           info.st_mtim.tv_nsec, info.st_ctim.tv_nsec);
    } else {
      stamp += "-;";
    }
  }
  return stamp;
}

}  // namespace weir::tls
