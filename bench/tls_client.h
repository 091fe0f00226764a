// TlsClient: the load generator's side of TLS; no certificate is verified, and each proxy is asked
// for the same cipher.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace weir::bench {

struct FreeTls {
  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  void operator()(SSL* object) const { SSL_free(object); }
  void operator()(SSL_SESSION* object) const { SSL_SESSION_free(object); }
};

// What the connections of a run share.
class TlsClient {
 public:
  // `resume`: with the last session that the proxy gave.
  explicit TlsClient(bool resume);

 private:
  friend class TlsChannel;
  std::unique_ptr<SSL_CTX, FreeTls> ctx_;
  std::unique_ptr<SSL_SESSION, FreeTls> last_;
  const bool resume_;
};

// TLS upon one connected socket, which outlives it.
class TlsChannel {
 public:
  TlsChannel(TlsClient& client, int fd);
  ~TlsChannel();

  enum class Step { done, wait, broken };
  Step handshake();
  // Removes from `bytes` what was sent.
  Step send_some(std::string_view& bytes);
  // Bytes; 0 at the end, -1 when there is nothing now, -2 when broken.
  std::ptrdiff_t receive(char* to, std::size_t room);

 private:
  Step step(int result);
  std::unique_ptr<SSL, FreeTls> ssl_;
  bool offered_ = false;  // a session
};

}  // namespace weir::bench
