#include "tls/codec.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "tls/identity.h"

namespace weir::tls {
namespace {

using net::Io;

constexpr std::size_t kRecord = 16 * 1024;        // plain bytes of a full record
constexpr std::size_t kGathered = 5 * 17 * 1024;  // ciphertext sent in one call

// By thread: what is joined before it is sealed, and what is sealed before it is sent.
char* plain_buffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[kRecord]);
  return buffer.get();
}
std::vector<char>& sealed_buffer() {
  thread_local std::vector<char> buffer;
  return buffer;
}

int codec_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

std::string_view to_string(Trouble trouble) {
  switch (trouble) {
    case Trouble::none:
      return "none";
    case Trouble::closed:
      return "closed";
    case Trouble::not_tls:
      return "not_tls";
    case Trouble::version:
      return "version";
    case Trouble::cipher:
      return "cipher";
    case Trouble::refused:
      return "refused";
    case Trouble::no_certificate:
      return "no_certificate";
    case Trouble::untrusted:
      return "untrusted";
    case Trouble::expired:
      return "expired";
    case Trouble::wrong_name:
      return "wrong_name";
    case Trouble::other:
      return "other";
  }
  return "other";
}

const char* endpoint_reason(Trouble trouble) {
  switch (trouble) {
    case Trouble::closed:
      return "the endpoint closed the connection in the TLS handshake";
    case Trouble::not_tls:
      return "the endpoint does not speak TLS";
    case Trouble::version:
    case Trouble::cipher:
      return "the endpoint has no TLS version or cipher in common with weir";
    case Trouble::refused:
      return "the endpoint refused the TLS handshake";
    case Trouble::no_certificate:
    case Trouble::untrusted:
      return "the endpoint's certificate is not trusted";
    case Trouble::expired:
      return "the endpoint's certificate has expired, or is not valid yet";
    case Trouble::wrong_name:
      return "the endpoint's certificate is for another name";
    case Trouble::none:
    case Trouble::other:
      break;
  }
  return "the TLS handshake with the endpoint failed";
}

Codec* Codec::of(const SSL* ssl) {
  return static_cast<Codec*>(SSL_get_ex_data(ssl, codec_index()));
}

const BIO_METHOD* Codec::method() {
  static const BIO_METHOD* const made = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir stream");
    CHECK(method);
    BIO_meth_set_read(method, &Codec::bio_read);
    BIO_meth_set_write(method, &Codec::bio_write);
    BIO_meth_set_ctrl(method, &Codec::bio_ctrl);
    return method;
  }();
  return made;
}

Codec::Codec(Ssl ssl, net::Stream& stream, bool server, Local<LastSession> last)
    : stream_(stream), ssl_(std::move(ssl)), last_(std::move(last)), server_(server) {
  BIO* bio = BIO_new(method());
  CHECK(bio);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_ex_data(ssl_.get(), codec_index(), this);
  if (server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
    if (last_ && last_->session) SSL_set_session(ssl_.get(), last_->session.get());
  }
}

Codec::~Codec() {
  // Else OpenSSL takes a connection that ended without close_notify for a reason to forget its
  // session; that is how most of them end.
  if (greeted_ == Io::ok && end_ != Io::failed) {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

// ---------------------------------------------------------------- the socket, for OpenSSL

int Codec::bio_read(BIO* bio, char* to, int room) {
  auto& self = *static_cast<Codec*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::ptrdiff_t n = self.stream_.raw_read(to, static_cast<std::size_t>(room));
  if (n > 0) return static_cast<int>(n);
  if (n == -1) {
    BIO_set_retry_read(bio);
    return -1;
  }
  self.raw_end_ = true;
  return n == 0 ? 0 : -1;
}

int Codec::bio_write(BIO* bio, const char* bytes, int size) {
  auto& self = *static_cast<Codec*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  return self.write(bytes, static_cast<std::size_t>(size)) ? size : -1;
}

bool Codec::write(const char* bytes, std::size_t size) {
  if (!corked_) return stream_.raw_write({bytes, size});
  std::vector<char>& sealed = sealed_buffer();
  if (sealed.size() + size > kGathered && !sealed.empty()) {
    const bool sent = stream_.raw_write({sealed.data(), sealed.size()});
    sealed.clear();
    if (!sent) return false;
  }
  sealed.insert(sealed.end(), bytes, bytes + size);
  return true;
}

long Codec::bio_ctrl(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<Codec*>(BIO_get_data(bio))->raw_end_ ? 1 : 0;
  return 0;
}

// ---------------------------------------------------------------- the handshake

std::optional<Io> Codec::greet() {
  if (greeted_) return greeted_;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    greeted_ = Io::ok;
    if (server_) identity_ = identity_of(ssl_.get());
    return greeted_;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return std::nullopt;
  diagnose();
  ERR_clear_error();
  broken_ = true;
  greeted_ = end_ = trouble_ == Trouble::closed ? Io::reset : Io::failed;
  return greeted_;
}

void Codec::diagnose() {
  // What another part of OpenSSL says before it, such as of a wrong signature, is a detail.
  int reason = 0;
  while (const unsigned long error = ERR_get_error()) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) continue;
    reason = ERR_GET_REASON(error);
    break;
  }
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_BAD_RECORD_TYPE:
      trouble_ = Trouble::not_tls;
      return;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      trouble_ = Trouble::version;
      return;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
      trouble_ = Trouble::cipher;
      return;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      trouble_ = Trouble::no_certificate;
      return;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      switch (SSL_get_verify_result(ssl_.get())) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
          trouble_ = Trouble::expired;
          return;
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
          trouble_ = Trouble::wrong_name;
          return;
        default:
          trouble_ = Trouble::untrusted;
          return;
      }
    default:
      break;
  }
  if (reason > SSL_AD_REASON_OFFSET) {
    trouble_ = Trouble::refused;
  } else {
    trouble_ = raw_end_ ? Trouble::closed : Trouble::other;
  }
}

void keep_session(Codec& codec, Session session) {
  if (codec.last_) codec.last_->session = std::move(session);
}

std::string_view Codec::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string_view Codec::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name ? std::string_view(name) : std::string_view();
}

// ---------------------------------------------------------------- bytes

// What a call that gave nothing means; ok: nothing yet.
Io Codec::failed(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Io::ok;
    case SSL_ERROR_ZERO_RETURN:
      if (!raw_end_) return Io::eof;
      [[fallthrough]];  // the socket ended, and nobody said so
    default:
      ERR_clear_error();
      broken_ = true;
      // An end without close_notify may be somebody cutting the connection: it is not an end.
      return raw_end_ ? Io::reset : Io::failed;
  }
}

Codec::Got Codec::decode(char* to, std::size_t room) {
  Got got;
  if (end_) {
    got.status = *end_;
    return got;
  }
  const auto more = [this] { return stream_.raw_readable() || SSL_has_pending(ssl_.get()) == 1; };
  while (got.bytes < room) {
    std::size_t n = 0;
    const int result = SSL_read_ex(ssl_.get(), to + got.bytes, room - got.bytes, &n);
    if (result == 1) {
      got.bytes += n;
      if (!more()) return got;
      continue;
    }
    const Io status = failed(result);
    if (status == Io::ok) return got;
    end_ = status;
    if (got.bytes == 0) got.status = status;
    got.more = true;
    return got;
  }
  got.more = more();
  return got;
}

Io Codec::encode(std::span<const iovec> pieces) {
  if (broken_) return Io::failed;
  std::size_t total = 0;
  for (const iovec& piece : pieces) total += piece.iov_len;
  if (total == 0) return Io::ok;
  corked_ = total > kRecord;
  char* const joined = plain_buffer();
  std::size_t held = 0;
  bool good = true;
  std::size_t n = 0;
  int result = 1;
  const auto seal = [&](const void* bytes, std::size_t size) {
    result = SSL_write_ex(ssl_.get(), bytes, size, &n);
    good = result == 1;
  };
  for (const iovec& piece : pieces) {
    const char* bytes = static_cast<const char*>(piece.iov_base);
    std::size_t left = piece.iov_len;
    while (good && left > 0) {
      // Whole records, or all there is, straight from where it lies; the rest is joined first.
      if (held == 0 && (left >= kRecord || left == total)) {
        const std::size_t size = left == total ? left : left - left % kRecord;
        seal(bytes, size);
        bytes += size;
        left -= size;
        total -= size;
        continue;
      }
      const std::size_t size = std::min(left, kRecord - held);
      std::memcpy(joined + held, bytes, size);
      held += size;
      bytes += size;
      left -= size;
      total -= size;
      if (held == kRecord || total == 0) {
        seal(joined, held);
        held = 0;
      }
    }
  }
  if (corked_) {
    corked_ = false;
    std::vector<char>& sealed = sealed_buffer();
    if (good && !sealed.empty()) good = stream_.raw_write({sealed.data(), sealed.size()});
    sealed.clear();
  }
  if (good) return Io::ok;
  ERR_clear_error();
  broken_ = true;
  return Io::reset;
}

void Codec::finish() {
  if (broken_ || !SSL_is_init_finished(ssl_.get())) return;
  if (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool Codec::idle() {
  if (broken_ || end_) return false;
  char byte;
  std::size_t n = 0;
  const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &n);
  if (result == 1) return false;
  const Io status = failed(result);
  if (status != Io::ok) end_ = status;
  return status == Io::ok;
}

}  // namespace weir::tls
