#include "tls/tickets.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace weir::tls {
namespace {

// Fetched once: looking it up costs more than using it.
const EVP_CIPHER* ticket_cipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  return cipher;
}

}  // namespace

TicketKeys::TicketKeys(Time now) : secrets_{fresh()}, renewed_(now) {}

TicketKeys::Secret TicketKeys::fresh() {
  Secret secret;
  CHECK(RAND_bytes(secret.name.data(), static_cast<int>(secret.name.size())) == 1);
  CHECK(RAND_priv_bytes(secret.cipher.data(), static_cast<int>(secret.cipher.size())) == 1);
  CHECK(RAND_priv_bytes(secret.mac.data(), static_cast<int>(secret.mac.size())) == 1);
  return secret;
}

void TicketKeys::renew(Time now) {
  const std::lock_guard lock(mutex_);
  if (now - renewed_ < kRenewal) return;
  renewed_ = now;
  secrets_.insert(secrets_.begin(), fresh());
  drop_old();
}

void TicketKeys::drop_old() {
  while (secrets_.size() > kKept) {
    OPENSSL_cleanse(&secrets_.back(), sizeof(Secret));
    secrets_.pop_back();
  }
}

std::vector<std::string> TicketKeys::share() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  for (const Secret& secret : secrets_) {
    keys.emplace_back(reinterpret_cast<const char*>(&secret), sizeof secret);
  }
  return keys;
}

void TicketKeys::inherit(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : keys) {
    if (key.size() != sizeof(Secret)) continue;
    std::memcpy(&secrets_.emplace_back(), key.data(), sizeof(Secret));
  }
  drop_old();
}

int TicketKeys::use(const Secret& secret, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                    EVP_MAC_CTX* mac, bool sealing) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(
          OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(secret.mac.data()), secret.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (EVP_MAC_CTX_set_params(mac, params) != 1) return -1;
  const int begun =
      sealing ? EVP_EncryptInit_ex(cipher, ticket_cipher(), nullptr, secret.cipher.data(), iv)
              : EVP_DecryptInit_ex(cipher, ticket_cipher(), nullptr, secret.cipher.data(), iv);
  return begun == 1 ? 1 : -1;
}

int TicketKeys::seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                     EVP_MAC_CTX* mac) {
  if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return -1;
  const std::lock_guard lock(mutex_);
  std::memcpy(name, secrets_.front().name.data(), secrets_.front().name.size());
  return use(secrets_.front(), iv, cipher, mac, true);
}

int TicketKeys::open(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                     EVP_MAC_CTX* mac) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    const Secret& secret = secrets_[i];
    if (std::memcmp(name, secret.name.data(), secret.name.size()) != 0) continue;
    const int used = use(secret, iv, cipher, mac, false);
    return used == 1 && i > 0 ? 2 : used;
  }
  return 0;
}

}  // namespace weir::tls
