// Front: TLS towards the clients of one listener: certificates by name, policy, tickets, clients'
// certificates. Any thread.
#pragma once

#include <memory>
#include <string>

#include "model/desired_tls.h"
#include "tls/codec.h"
#include "tls/kept.h"
#include "tls/tickets.h"

namespace weir::tls {

class Front final : public Kept {
 public:
  // `name` of the listener. Blocks: reads files. An error's key says where: certificates[1].key.
  static Read<std::shared_ptr<Front>> make(const std::string& name, const ListenerTls& options,
                                           std::shared_ptr<TicketKeys> tickets);

  // A server's codec for `stream`, which is to own it. Null when there is no memory for it.
  std::unique_ptr<Codec> codec(net::Stream& stream) const;

 private:
  using Kept::Kept;
};

// Sets the versions and ciphers of a policy. For Front and for tests.
bool apply_policy(SSL_CTX* ctx, const std::string& policy);

}  // namespace weir::tls
