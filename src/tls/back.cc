#include "tls/back.h"

#include <openssl/x509v3.h>

#include "net/address.h"

namespace weir::tls {
namespace {

int remember(SSL* ssl, SSL_SESSION* session) {
  keep_session(*Codec::of(ssl), Session(session));
  return 1;  // ours from now on
}

Read<Ctx> build(const EndpointTls& options) {
  Ctx ctx(SSL_CTX_new(TLS_client_method()));
  if (!ctx) return wrong("", last_error());
  SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(
      ctx.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(ctx.get(), 1);
  SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx.get(), &remember);
  if (options.verify) {
    SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_PEER, nullptr);
    if (options.ca.empty()) {
      SSL_CTX_set_default_verify_paths(ctx.get());
    } else {
      TRY(const auto authorities, read_authorities(options.ca));
      for (const Cert& one : authorities) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx.get()), one.get());
      }
      // An intermediate in the file is trusted as it stands, as HAProxy does.
      X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx.get()), X509_V_FLAG_PARTIAL_CHAIN);
    }
  } else {
    SSL_CTX_set_verify(ctx.get(), SSL_VERIFY_NONE, nullptr);
  }
  if (!options.certificate.empty()) {
    TRY(const Pair pair, read_pair(options.certificate, options.key));
    STACK_OF(X509)* chain = sk_X509_new_null();
    for (const Cert& one : pair.chain) sk_X509_push(chain, one.get());
    const int used = SSL_CTX_use_cert_and_key(ctx.get(), pair.leaf.get(), pair.key.get(), chain, 1);
    sk_X509_free(chain);
    if (used != 1) return wrong("certificate", last_error());
  }
  ERR_clear_error();
  return ctx;
}

void offer_protocol(SSL* ssl, std::string_view protocol) {
  std::string offer(1, static_cast<char>(protocol.size()));
  offer += protocol;
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offer.data()),
                      static_cast<unsigned>(offer.size()));
}

std::vector<std::string> files_of(const EndpointTls& options) {
  std::vector<std::string> files;
  for (const std::string* path : {&options.ca, &options.certificate, &options.key}) {
    if (!path->empty()) files.push_back(*path);
  }
  return files;
}

}  // namespace

Read<std::shared_ptr<Back>> Back::make(const std::string& name, const EndpointTls& options) {
  std::shared_ptr<Back> back(new Back("target group " + name, files_of(options), options));
  TRY_VOID(back->start([options] { return build(options); }));
  return back;
}

std::unique_ptr<Codec> Back::codec(net::Stream& stream, const Endpoint& endpoint,
                                   Local<LastSession> last, std::string_view protocol) const {
  const Ctx ctx = current();
  Ssl ssl(SSL_new(ctx.get()));
  if (!ssl) {
    ERR_clear_error();
    return nullptr;
  }
  if (!protocol.empty()) offer_protocol(ssl.get(), protocol);
  const std::string& name = options_.server_name.empty() ? endpoint.host : options_.server_name;
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl.get());
  if (!name.empty()) {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size());
  } else if (const auto address = net::parse_address(endpoint.address);
             address && !address->is_unix()) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, address->host().c_str());
  }
  return std::make_unique<Codec>(std::move(ssl), stream, false, std::move(last));
}

}  // namespace weir::tls
