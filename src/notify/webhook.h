// Webhooks: posts JSON texts to URLs of the user's, signed, and again where that failed. For
// notifications and lifecycle hooks.
//
// A request carries Weir-Event (its kind), Weir-Event-Id (the same at each attempt) and, where
// there is a secret, Weir-Timestamp and Weir-Signature: sha256=HEX (signature.h), both made anew
// for each attempt. Redirects are not followed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "model/desired_notify.h"
#include "model/url.h"
#include "net/reactor.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "tls/back.h"

namespace weir::notify {

struct Message {
  std::string kind;
  std::string id;
  std::string body;  // JSON
};

// What a receiver answered, with a status from 200 to 299.
struct Posted {
  std::uint16_t status = 0;
  std::string body;  // at most its first 16 KiB
};

// How long is waited before the next attempt: judge/backoff.h.
struct Pace {
  Duration base = 1s;
  Duration most = 60s;
};

// Lives on the reactor's thread, longer than what it was asked to post.
class Webhooks {
 public:
  // `resolver` null: only addresses can be reached.
  Webhooks(net::Reactor& reactor, net::Resolver* resolver, std::uint64_t seed, Pace pace = {});

  // One attempt, bounded by the options' timeout.
  //   Code::invalid   the options: a URL that is none, a secret or CA file that cannot be read
  //   Code::denied    the receiver does not want it: a status of 300 to 499 but 408, 425 and 429
  //   Code::timeout, unavailable   all else; unavailable also once `stop` is raised
  Task<Result<Posted>> attempt(Webhook options, Message message, net::Interrupt* stop);

  // The same, and where the last two were the answer, up to options.retries times more. Takes
  // retries + 1 timeouts and the waits between them at most; the error is the last one.
  Task<Result<Posted>> post(Webhook options, Message message, net::Interrupt* stop);

  // CA files are read again. After a change of the configuration.
  void look_at_files() { trusted_.clear(); }

 private:
  Task<Result<net::Owned<net::Stream>>> dial(Url url, std::string ca, net::Deadline deadline);
  Task<Result<net::Resolved>> resolve(std::string host, net::Deadline deadline);
  Result<std::shared_ptr<tls::Back>> trust(const std::string& ca);

  net::Reactor& reactor_;
  net::Resolver* resolver_;
  Random random_;
  Pace pace_;
  std::map<std::string, std::shared_ptr<tls::Back>> trusted_;  // by CA file
};

}  // namespace weir::notify
