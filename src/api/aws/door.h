// Door: lets calls of the AWS API in: reads them, checks signature, rights and rate, has them
// answered by the engine (serve.h), and counts and logs each.
//
// Who may come in: whoever signs with an access key (control/access_keys.h), for what that key is
// for; its account and the region of the signature are the call's tenant. Where admin.anonymous is
// set, everybody, whatever the signature says: as an administrator, of the account that an access
// key id of 12 digits names, else of aws.account. A web page never: the admin server has looked at
// Host and Origin, and since a page may have an image loaded from anywhere, an anonymous GET may
// only read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/aws/context.h"
#include "api/aws/throttle.h"
#include "aws/dispatch.h"
#include "aws/sigv4.h"
#include "aws/wire.h"
#include "base/random.h"
#include "base/task.h"
#include "control/control.h"
#include "http/exchange.h"
#include "net/reactor.h"
#include "observe/metrics.h"

namespace weir::amazon {

// Lives on the control thread; outlives the calls.
class Door {
 public:
  Door(net::Reactor& reactor, control::Control& control, observe::Registry& registry, World& world,
       std::uint64_t seed);

  // admin.anonymous, from the next call on.
  void set_anonymous(bool anonymous) { anonymous_ = anonymous; }
  // Is it for us? All that is not under the paths of the native API and looks like AWS's, or is
  // signed as AWS has it.
  static bool takes(const http::RequestHead& head);
  // `page`: why the request might be a web page's, and is refused; empty: it is none.
  Task<> handle(http::Exchange& exchange, std::string_view page);

 private:
  struct Call;
  struct Held;
  // Who calls, once that is known for sure.
  struct Identity {
    Tenant tenant;
    Caller caller;
    std::optional<control::AccessKey> key;  // none: anonymous
  };
  using Claim = tl::expected<aws::Signature, aws::SignatureFault>;

  Task<aws::WireResponse> answer(http::Exchange& exchange, Call& call, std::string_view page);
  Task<bool> read_body(http::Exchange& exchange, Call& call, Held& held, std::size_t limit);
  tl::expected<const control::AccessKey*, aws::SignatureFault> find_key(const Claim& claim) const;
  tl::expected<Identity, aws::SignatureFault> identify(const aws::WireRequest& request,
                                                       const Claim& claim);
  Identity anybody(const Claim& claim) const;
  std::optional<aws::Fault> why_not_now(const Call& call, const Identity& who);
  std::string request_id();
  Task<> send(http::Exchange& exchange, Call& call, aws::WireResponse said);
  void record(const Call& call);

  net::Reactor& reactor_;
  control::Control& control_;
  observe::Sheet& sheet_;
  World& world_;
  Random random_;
  Throttle throttle_;
  std::size_t held_ = 0;  // bytes of bodies that are being read or answered
  bool anonymous_ = false;
};

}  // namespace weir::amazon
