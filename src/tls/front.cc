#include "tls/front.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>

#include "base/clock.h"
#include "model/tls_policy.h"
#include "tls/identity.h"

namespace weir::tls {
namespace {

constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr long kCachedSessions = 20'000;  // of clients without tickets

struct Staple {
  std::string der;
  std::int64_t until = 0;
};

// What the callbacks of an SSL_CTX need; lives as long as that does.
struct Extra {
  std::shared_ptr<TicketKeys> tickets;
  std::vector<unsigned char> alpn;
  std::map<X509*, Staple> staples;
  // Of the default context alone: by server name, "*.example.com" for wildcards.
  std::unordered_map<std::string, SSL_CTX*> names;
  std::vector<Ctx> contexts;
};

int extra_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* extra, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<Extra*>(extra);
      });
  return index;
}

Extra& extra_of(const SSL_CTX* ctx) {
  return *static_cast<Extra*>(SSL_CTX_get_ex_data(ctx, extra_index()));
}

int choose_certificate(SSL* ssl, int*, void* argument) {
  const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!asked) return SSL_TLSEXT_ERR_OK;
  const Extra& extra = *static_cast<const Extra*>(argument);
  std::string name(asked);
  if (name.ends_with('.')) name.pop_back();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  auto found = extra.names.find(name);
  if (found == extra.names.end()) {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) found = extra.names.find("*" + name.substr(dot));
  }
  if (found != extra.names.end()) SSL_set_SSL_CTX(ssl, found->second);
  return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void* argument) {
  const auto& ours = *static_cast<const std::vector<unsigned char>*>(argument);
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(&chosen, out_size, ours.data(),
                                           static_cast<unsigned>(ours.size()), in, in_size);
  // Nothing in common: on without, as clients of HTTP/1 expect.
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int seal_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                EVP_MAC_CTX* mac, int sealing) {
  // That of the context that SNI chose, or the default one: they share the keys.
  TicketKeys& keys = *extra_of(SSL_get_SSL_CTX(ssl)).tickets;
  if (sealing) return keys.seal(name, iv, cipher, mac);
  const int opened = keys.open(name, iv, cipher, mac);
  // In TLS 1.3 a ticket is used once: its client needs the next one.
  return opened == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : opened;
}

int staple(SSL* ssl, void*) {
  const Extra& extra = extra_of(SSL_get_SSL_CTX(ssl));
  const auto found = extra.staples.find(SSL_get_certificate(ssl));
  if (found == extra.staples.end()) return SSL_TLSEXT_ERR_NOACK;
  const Staple& mine = found->second;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(system_clock().wall().time_since_epoch());
  if (mine.until && now.count() > mine.until) return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(mine.der.data(), mine.der.size()));
  if (!copy) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(mine.der.size()));
  return SSL_TLSEXT_ERR_OK;
}

int believe_anything(int, X509_STORE_CTX*) { return 1; }

std::vector<unsigned char> wire_form(const std::vector<std::string>& protocols) {
  std::vector<unsigned char> out;
  for (const std::string& one : protocols) {
    out.push_back(static_cast<unsigned char>(one.size()));
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

// Sessions are good only where as much was asked of their client.
void set_session_id_context(SSL_CTX* ctx, const std::string& name, const ListenerTls& options) {
  const std::string text = name + "\n" + options.mutual_authentication.mode + "\n" +
                           stamp_of({options.mutual_authentication.ca});
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  SSL_CTX_set_session_id_context(ctx, digest, std::min(size, 32u));
}

Read<bool> ask_for_certificates(SSL_CTX* ctx, const MutualAuthentication& options) {
  if (options.mode == "verify") {
    auto authorities = read_authorities(options.ca);
    if (!authorities) {
      authorities.error().key = "mutual_authentication." + authorities.error().key;
      return tl::unexpected<FileError>(authorities.error());
    }
    for (const Cert& one : *authorities) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), one.get());
      SSL_CTX_add_client_CA(ctx, one.get());
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    set_mutual(ctx, Mutual::verify);
  } else if (options.mode == "passthrough") {
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, &believe_anything);
    set_mutual(ctx, Mutual::passthrough);
  }
  return true;
}

Read<Ctx> bare_context(const std::string& name, const ListenerTls& options,
                       const std::shared_ptr<TicketKeys>& tickets) {
  Ctx ctx(SSL_CTX_new(TLS_server_method()));
  if (!ctx) return wrong("", last_error());
  auto* extra = new Extra;
  SSL_CTX_set_ex_data(ctx.get(), extra_index(), extra);
  extra->tickets = tickets;
  extra->alpn = wire_form(options.alpn);
  if (!apply_policy(ctx.get(), options.policy)) return wrong("policy", last_error());
  // The codec tells an end without close_notify itself; OpenSSL would send an alert first.
  SSL_CTX_set_options(ctx.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                     SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(ctx.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(ctx.get(), 1);  // a record in one call of recv instead of two
  SSL_CTX_set1_groups_list(ctx.get(), kGroups);
  SSL_CTX_set_timeout(ctx.get(), static_cast<long>(seconds(options.session_time)));
  set_session_id_context(ctx.get(), name, options);
  // A resumed session does not carry the chain that passthrough passes on.
  const bool resumable = options.mutual_authentication.mode != "passthrough";
  if (resumable && options.session_tickets) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx.get(), &seal_ticket);
    SSL_CTX_set_num_tickets(ctx.get(), 1);  // each costs a handshake some 10 us
  } else {
    SSL_CTX_set_options(ctx.get(), SSL_OP_NO_TICKET);
    if (!resumable) SSL_CTX_set_num_tickets(ctx.get(), 0);
  }
  SSL_CTX_set_session_cache_mode(ctx.get(), resumable ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF);
  SSL_CTX_sess_set_cache_size(ctx.get(), kCachedSessions);
  if (!options.alpn.empty()) {
    SSL_CTX_set_alpn_select_cb(ctx.get(), &choose_protocol, &extra->alpn);
  }
  SSL_CTX_set_tlsext_status_cb(ctx.get(), &staple);
  TRY_VOID(ask_for_certificates(ctx.get(), options.mutual_authentication));
  return ctx;
}

Read<bool> add_certificate(SSL_CTX* ctx, const Pair& pair, const std::string& where) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (const Cert& one : pair.chain) sk_X509_push(chain, one.get());
  const int used =
      SSL_CTX_use_cert_and_key(ctx, pair.leaf.get(), pair.key.get(), chain, /*override=*/1);
  sk_X509_free(chain);
  if (used != 1) return wrong(where + ".certificate", last_error());
  if (!pair.ocsp.empty()) {
    extra_of(ctx).staples[SSL_CTX_get0_certificate(ctx)] = Staple{pair.ocsp, pair.ocsp_until};
  }
  return true;
}

// RSA, ECDSA, Ed25519: for each name the first of each kind.
int kind_of(const Pair& pair) { return EVP_PKEY_get_base_id(pair.key.get()); }

// Which certificates answer for a name, by their numbers.
using Choice = std::vector<std::size_t>;

Choice first_of_each_kind(const std::vector<Pair>& pairs, const Choice& all) {
  Choice choice;
  std::set<int> kinds;
  for (const std::size_t i : all) {
    if (kinds.insert(kind_of(pairs[i])).second) choice.push_back(i);
  }
  return choice;
}

Read<Ctx> build(const std::string& name, const ListenerTls& options,
                const std::shared_ptr<TicketKeys>& tickets) {
  std::vector<Pair> pairs;
  std::map<std::string, Choice> by_name;
  for (std::size_t i = 0; i < options.certificates.size(); ++i) {
    const TlsCertificate& files = options.certificates[i];
    auto pair = read_pair(files.certificate, files.key, files.ocsp);
    if (!pair) {
      pair.error().key = fmt::format("certificates[{}].{}", i, pair.error().key);
      return tl::unexpected<FileError>(pair.error());
    }
    for (const std::string& one : names_of(pair->leaf.get())) by_name[one].push_back(i);
    pairs.push_back(std::move(*pair));
  }
  if (pairs.empty()) return wrong("certificates", "is empty");

  // The default: the first, and what shares a name with it.
  Choice standard{0};
  for (const std::string& one : names_of(pairs[0].leaf.get())) {
    const Choice& same = by_name[one];
    standard.insert(standard.end(), same.begin(), same.end());
  }
  std::map<Choice, SSL_CTX*> made;
  const auto context = [&](const Choice& choice) -> Read<Ctx> {
    TRY(Ctx ctx, bare_context(name, options, tickets));
    for (const std::size_t i : choice) {
      TRY_VOID(add_certificate(ctx.get(), pairs[i], fmt::format("certificates[{}]", i)));
    }
    return ctx;
  };
  const Choice first = first_of_each_kind(pairs, standard);
  TRY(Ctx ctx, context(first));
  Extra& extra = extra_of(ctx.get());
  for (const auto& [one, all] : by_name) {
    const Choice choice = first_of_each_kind(pairs, all);
    if (choice == first) continue;
    SSL_CTX*& known = made[choice];
    if (!known) {
      TRY(Ctx fresh, context(choice));
      known = fresh.get();
      extra.contexts.push_back(std::move(fresh));
    }
    extra.names.emplace(one, known);
  }
  // What the default answers for by its exact name is not for a wildcard to take.
  for (const auto& [one, all] : by_name) extra.names.emplace(one, ctx.get());
  if (!extra.contexts.empty()) {
    SSL_CTX_set_tlsext_servername_callback(ctx.get(), &choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(ctx.get(), &extra);
  }
  return ctx;
}

std::vector<std::string> files_of(const ListenerTls& options) {
  std::vector<std::string> files;
  for (const TlsCertificate& one : options.certificates) {
    files.push_back(one.certificate);
    if (!one.key.empty()) files.push_back(one.key);
    if (!one.ocsp.empty()) files.push_back(one.ocsp);
  }
  if (!options.mutual_authentication.ca.empty()) files.push_back(options.mutual_authentication.ca);
  return files;
}

}  // namespace

bool apply_policy(SSL_CTX* ctx, const std::string& name) {
  const TlsPolicy* policy = find_tls_policy(name);
  if (!policy) return false;
  SSL_CTX_set_min_proto_version(ctx, policy->tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(ctx, policy->tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (policy->tls12 && SSL_CTX_set_cipher_list(ctx, policy->ciphers) != 1) return false;
  return !policy->tls13 || SSL_CTX_set_ciphersuites(ctx, policy->ciphersuites) == 1;
}

Read<std::shared_ptr<Front>> Front::make(const std::string& name, const ListenerTls& options,
                                         std::shared_ptr<TicketKeys> tickets) {
  std::shared_ptr<Front> front(new Front("listener " + name, files_of(options)));
  TRY_VOID(front->start([name, options, tickets] { return build(name, options, tickets); }));
  return front;
}

std::unique_ptr<Codec> Front::codec(net::Stream& stream) const {
  const Ctx ctx = current();
  Ssl ssl(SSL_new(ctx.get()));
  if (!ssl) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<Codec>(std::move(ssl), stream, true);
}

}  // namespace weir::tls
