// material: certificates, keys and OCSP responses out of their files, judged. Blocks: reads files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/desired_tls.h"
#include "tls/openssl.h"

namespace weir::tls {

// Which key of the config a trouble belongs to.
struct FileError {
  std::string key;  // certificate, key, ocsp, ca
  std::string what;
  std::string remedy;
};
inline tl::unexpected<FileError> wrong(std::string key, std::string what, std::string remedy = {}) {
  return tl::unexpected<FileError>(FileError{std::move(key), std::move(what), std::move(remedy)});
}
template <class T>
using Read = tl::expected<T, FileError>;

struct Pair {
  Cert leaf;
  std::vector<Cert> chain;
  Key key;
  std::string ocsp;             // DER; empty: none
  std::int64_t ocsp_until = 0;  // seconds since 1970; 0: it says nothing of its end
};

// Certificate and key, which belong together. `key` may be empty: it stands in the same file.
Read<Pair> read_pair(const std::string& certificate, const std::string& key,
                     const std::string& ocsp = {});
// Those that may sign others.
Read<std::vector<Cert>> read_authorities(const std::string& path);

// The names that a certificate is for, in small letters: DNS names, else its common name.
std::vector<std::string> names_of(X509* leaf);
// "expired on 2026-01-01"; empty when it is valid now.
std::string not_valid_now(X509* leaf, WallTime now);
// Days until it expires; negative when it has.
double days_left(X509* leaf, WallTime now);

// Is a key's file open to others? `world`: to anybody.
enum class Openness : std::uint8_t { closed, group, world };
Openness openness(const std::string& path);

// When files were changed last: differs as soon as one of them does.
std::string stamp_of(const std::vector<std::string>& paths);

}  // namespace weir::tls
