// TLS handshakes, counted: with a client of a listener, and with an endpoint (SecureEndpoint).
#pragma once

#include <string>
#include <string_view>

#include "http/h2_client.h"
#include "observe/metrics.h"
#include "proxy/context.h"
#include "tls/front.h"

namespace weir::proxy {

// "" when the client's handshake is done, else one word why it failed; static text.
Task<std::string_view> secure_client(observe::Sheet& sheet, std::string listener,
                                     const tls::Front& front, net::Stream& stream,
                                     net::Deadline deadline);

// Owns all that it needs but the sheet: a shared connection may outlive its endpoint. To be kept
// until its task has ended.
class SecureEndpoint {
 public:
  SecureEndpoint(observe::Sheet& sheet, std::string group, const WorkerEndpoint& endpoint,
                 const char* protocol)
      : sheet_(&sheet),
        group_(std::move(group)),
        endpoint_(endpoint.endpoint),
        tls_(endpoint.tls),
        last_(endpoint.last_session),
        protocol_(protocol) {}

  Task<http::Secured> operator()(net::Stream& stream, net::Deadline deadline) const;

 private:
  observe::Sheet* sheet_;
  std::string group_;
  std::shared_ptr<const Endpoint> endpoint_;
  std::shared_ptr<const TlsBase> tls_;
  Local<tls::LastSession> last_;
  const char* protocol_;  // by ALPN: http/1.1, h2, or "" for none
};

}  // namespace weir::proxy
