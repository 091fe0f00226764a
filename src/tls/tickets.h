// TicketKeys: the keys of session tickets, shared by all workers and listeners of the process. The
// newest seals; older ones still open what they sealed. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tls/openssl.h"

namespace weir::tls {

class TicketKeys {
 public:
  static constexpr Duration kRenewal = 8h;
  static constexpr std::size_t kKept = 22;  // a week of them: the longest session_time

  explicit TicketKeys(Time now);

  // A new key once the newest is old enough.
  void renew(Time now);

  // For the next process, newest first; secret.
  std::vector<std::string> share();
  // Of the process before: what they sealed is opened, and sealed anew. Others are passed over.
  void inherit(const std::vector<std::string>& keys);

  // For SSL_CTX_set_tlsext_ticket_key_evp_cb: 1: use it; 2: use it and seal anew; 0: not ours.
  int seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
  int open(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
           EVP_MAC_CTX* mac);

 private:
  struct Secret {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};
  };
  static Secret fresh();
  static int use(const Secret& secret, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                 EVP_MAC_CTX* mac, bool sealing);

  void drop_old();

  std::mutex mutex_;
  std::vector<Secret> secrets_;  // newest first
  Time renewed_;
};

}  // namespace weir::tls
