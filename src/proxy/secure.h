// SecureEndpoint: the TLS handshake with an endpoint, counted.
#pragma once

#include <string>

#include "http/h2_client.h"
#include "observe/metrics.h"
#include "proxy/context.h"

namespace weir::proxy {

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
  const char* protocol_;  // by ALPN: http/1.1, h2
};

}  // namespace weir::proxy
