#include "bench/tls_client.h"

#include <openssl/err.h>

#include "base/check.h"

namespace weir::bench {

TlsClient::TlsClient(bool resume) : ctx_(SSL_CTX_new(TLS_client_method())), resume_(resume) {
  CHECK(ctx_);
  SSL_CTX_set_min_proto_version(ctx_.get(), TLS1_3_VERSION);
  CHECK(SSL_CTX_set_ciphersuites(ctx_.get(), "TLS_AES_128_GCM_SHA256") == 1);
  CHECK(SSL_CTX_set1_groups_list(ctx_.get(), "X25519") == 1);
  SSL_CTX_set_mode(ctx_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(ctx_.get(), 1);
  SSL_CTX_set_session_cache_mode(ctx_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(ctx_.get(), this);
  SSL_CTX_sess_set_new_cb(ctx_.get(), [](SSL* ssl, SSL_SESSION* session) {
    auto& self = *static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    if (!self.resume_) return 0;
    self.last_.reset(session);
    return 1;
  });
}

TlsChannel::TlsChannel(TlsClient& client, int fd) : ssl_(SSL_new(client.ctx_.get())) {
  CHECK(ssl_);
  SSL_set_fd(ssl_.get(), fd);
  SSL_set_connect_state(ssl_.get());
  if (!client.resume_ || !client.last_) return;
  // OpenSSL uses a session of TLS 1.3 once; many connections share this one.
  const std::unique_ptr<SSL_SESSION, FreeTls> copy(SSL_SESSION_dup(client.last_.get()));
  SSL_set_session(ssl_.get(), copy.get());
  offered_ = true;
}

TlsChannel::~TlsChannel() {
  // Else OpenSSL forgets the session, for want of a close_notify.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsChannel::Step TlsChannel::step(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Step::wait;
  ERR_clear_error();
  return Step::broken;
}

TlsChannel::Step TlsChannel::handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return step(result);
  return offered_ && !SSL_session_reused(ssl_.get()) ? Step::broken : Step::done;
}

TlsChannel::Step TlsChannel::send_some(std::string_view& bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
    if (result != 1) return step(result);
    bytes.remove_prefix(sent);
  }
  return Step::done;
}

std::ptrdiff_t TlsChannel::receive(char* to, std::size_t room) {
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_.get(), to, room, &got);
  if (result == 1) return static_cast<std::ptrdiff_t>(got);
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) return 0;
  return step(result) == Step::wait ? -1 : -2;
}

}  // namespace weir::bench
