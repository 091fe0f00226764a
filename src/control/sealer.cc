#include "control/sealer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/check.h"
#include "net/fd.h"

namespace weir::control {
namespace {

using Octets = std::vector<unsigned char>;

constexpr std::string_view kKeyWord = "weir-key-1 ";
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kId = 8;  // hexadecimal digits

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<Octets> unhex(std::string_view text) {
  Octets bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<unsigned char>(high * 16 + low));
  }
  return bytes;
}

tl::unexpected<Error> system_error(const std::string& path) {
  return fail(errno == ENOENT ? Code::not_found : Code::unavailable,
              fmt::format("{}: {}", path, std::strerror(errno)));
}

Result<> write_all(const std::string& path, std::string_view text) {
  const net::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0600) != 0) return system_error(path);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written < 0 || static_cast<std::size_t>(written) != text.size()) return system_error(path);
  if (::fsync(file.get()) != 0) return system_error(path);
  return {};
}

}  // namespace

void system_entropy(std::span<unsigned char> into) {
  CHECK(RAND_bytes(into.data(), static_cast<int>(into.size())) == 1);
}

Sealer::Sealer(const Key& key) : key_(key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  CHECK(EVP_Digest(key.data(), key.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1);
  id_ = hex(std::span(digest).first(kId / 2));
}

Sealer Sealer::draw(const Entropy& entropy) {
  Key key;
  entropy(key);
  return Sealer(key);
}

Result<Sealer> Sealer::load(const std::string& path, std::uint32_t uid) {
  const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_error(path);
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return fail(Code::invalid, path + ": is not a file");
  }
  if ((about.st_mode & 077) != 0) {
    return fail(Code::denied, fmt::format("{}: others may read the key (mode {:04o}): chmod 600 {}",
                                          path, about.st_mode & 07777, path));
  }
  if (about.st_uid != uid && about.st_uid != 0) {
    return fail(Code::denied,
                fmt::format("{}: belongs to another user: chown {} {}", path, uid, path));
  }
  std::string text(256, '\0');
  const ssize_t length = ::read(file.get(), text.data(), text.size());
  if (length < 0) return system_error(path);
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('\n')) text.pop_back();
  const auto bytes = text.starts_with(kKeyWord)
                         ? unhex(std::string_view(text).substr(kKeyWord.size()))
                         : std::nullopt;
  Key key;
  if (!bytes || bytes->size() != key.size()) {
    return fail(Code::invalid,
                fmt::format("{}: is no key of weir: put back the file that was there", path));
  }
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return Sealer(key);
}

Result<Sealer> Sealer::create(const std::string& path, const Entropy& entropy) {
  const Sealer sealer = draw(entropy);
  // Complete or not there at all, and never in the place of another.
  const std::string draft = path + ".new";
  const std::string folder = std::filesystem::path(path).parent_path().string();
  TRY_VOID(write_all(draft, fmt::format("{}{}\n", kKeyWord, hex(sealer.key_))));
  const int linked = ::link(draft.c_str(), path.c_str());
  const int why = errno;
  ::unlink(draft.c_str());
  if (linked != 0) {
    return fail(why == EEXIST ? Code::conflict : Code::unavailable,
                fmt::format("{}: {}", path, std::strerror(why)));
  }
  const net::Fd at(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at || ::fsync(at.get()) != 0) return system_error(path);
  return sealer;
}

// ID.NONCE.CIPHERTEXT AND TAG
std::string Sealer::seal(std::string_view secret, std::string_view about,
                         const Entropy& entropy) const {
  std::array<unsigned char, kNonce> nonce;
  entropy(nonce);
  Octets out(secret.size() + kTag);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data()) ==
            1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(about),
                          static_cast<int>(about.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), out.data(), &length, bytes_of(secret),
                          static_cast<int>(secret.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), out.data() + length, &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.data() + secret.size()) ==
            1);
  return fmt::format("{}.{}.{}", id_, hex(nonce), hex(out));
}

std::string Sealer::sealed_by(std::string_view sealed) {
  const auto dot = sealed.find('.');
  return dot == kId ? std::string(sealed.substr(0, dot)) : std::string();
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view about) const {
  const std::string by = sealed_by(sealed);
  const auto dot = sealed.find('.', kId + 1);
  if (by.empty() || dot == std::string_view::npos) return fail(Code::invalid, "is not sealed");
  if (by != id_) {
    return fail(Code::conflict, fmt::format("was sealed with the key {}, and this is {}", by, id_));
  }
  const auto nonce = unhex(sealed.substr(kId + 1, dot - kId - 1));
  auto text = unhex(sealed.substr(dot + 1));
  if (!nonce || nonce->size() != kNonce || !text || text->size() < kTag) {
    return fail(Code::invalid, "is not sealed");
  }
  const std::size_t size = text->size() - kTag;
  std::string secret(size, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(secret.data());
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool good =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce->data()) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(about),
                        static_cast<int>(about.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out, &length, text->data(), static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, text->data() + size) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out + length, &length) == 1;
  if (!good) return fail(Code::invalid, "was changed since it was sealed");
  return secret;
}

}  // namespace weir::control
