// Codec: TLS upon a stream, as server or as client. Made by Front or Back.
//
// Reads and writes the socket through a BIO of its own: what the kernel refuses of the ciphertext
// stays with the stream, so that no write is ever repeated, and idle it owns no buffer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/local.h"
#include "net/codec.h"
#include "net/stream.h"
#include "tls/openssl.h"

namespace weir::tls {

// Why a handshake failed.
enum class Trouble : std::uint8_t {
  none,
  closed,   // the peer left
  not_tls,  // it spoke something else
  version,  // no version in common
  cipher,   // no cipher in common
  refused,  // it said no: an alert
  no_certificate,
  untrusted,   // its certificate leads to nobody we trust
  expired,     // likewise, or not yet valid
  wrong_name,  // its certificate is for somebody else
  other,
};
std::string_view to_string(Trouble trouble);  // a word for metrics
// What a client is told of an endpoint, or the log of it.
const char* endpoint_reason(Trouble trouble);

// The session to resume with one endpoint. Lives on one worker.
struct LastSession : Counted {
  Session session;
};

// Header fields that tell an endpoint who the client is, as ALB names them.
using Identity = std::vector<std::pair<std::string, std::string>>;

class Codec final : public net::Codec {
 public:
  // `stream` will own it. `last`: of a client; may be null.
  Codec(Ssl ssl, net::Stream& stream, bool server, Local<LastSession> last = {});
  ~Codec() override;

  std::optional<net::Io> greet() override;
  Got decode(char* to, std::size_t room) override;
  net::Io encode(std::span<const iovec> pieces) override;
  void finish() override;
  bool idle() override;
  std::string_view protocol() const override;

  // Once greet() has ended.
  Trouble trouble() const { return trouble_; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // By OpenSSL's names: TLSv1.3, TLS_AES_128_GCM_SHA256.
  std::string_view version() const { return SSL_get_version(ssl_.get()); }
  std::string_view cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  // The name that the client asked for; "" without.
  std::string_view server_name() const;
  // Empty without a client's certificate.
  const Identity& identity() const { return identity_; }
  SSL* ssl() const { return ssl_.get(); }

  // Of the SSL objects made here.
  static Codec* of(const SSL* ssl);

 private:
  static int bio_read(BIO* bio, char* to, int room);
  static int bio_write(BIO* bio, const char* bytes, int size);
  static long bio_ctrl(BIO* bio, int command, long, void*);
  static const BIO_METHOD* method();
  friend void keep_session(Codec& codec, Session session);

  net::Io failed(int result);
  void diagnose();
  bool write(const char* bytes, std::size_t size);

  net::Stream& stream_;
  Ssl ssl_;
  Local<LastSession> last_;
  Identity identity_;
  std::optional<net::Io> greeted_;
  std::optional<net::Io> end_;  // of what is read
  Trouble trouble_ = Trouble::none;
  bool server_;
  bool raw_end_ = false;  // the socket has ended
  bool broken_ = false;   // of no more use to SSL
  bool corked_ = false;   // ciphertext is gathered
};

// For Back: a session that the endpoint gave.
void keep_session(Codec& codec, Session session);

}  // namespace weir::tls
