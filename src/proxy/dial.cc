#include "proxy/dial.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "net/proxy_protocol.h"
#include "net/transparent.h"
#include "proxy/introduce.h"

namespace weir::proxy {
namespace {

std::string proxy_header(const std::string& version, const http::Peer& who) {
  if (version == "off") return "";
  net::Address source, destination;
  if (who.ip != Ip{}) {  // else a Unix socket
    source = address_of(who.ip, who.port);
    // Where nobody asked for it in time: any address of the client's family.
    Ip local = who.local_ip;
    if (local == Ip{} && who.ip.is_v4()) local.bytes[10] = local.bytes[11] = 0xff;
    destination = address_of(local, who.local_port);
  }
  return version == "v1" ? net::proxy_header_v1(source, destination)
                         : net::proxy_header_v2(source, destination);
}

}  // namespace

Task<net::Connected> dial(net::Reactor& reactor, net::Address endpoint, const TargetGroup& options,
                          const http::Peer& who, net::Deadline deadline) {
  // What is read of the options is read before the first suspension: they may be replaced.
  const std::string header = proxy_header(options.proxy_protocol, who);
  net::Fd prepared;
  if (options.preserve_client_ip && who.ip != Ip{}) {
    const net::Address source = address_of(who.ip, 0);
    if (source.family() == endpoint.family()) {  // else there is no way to keep it
      auto made = net::transparent_socket(source, SOCK_STREAM);
      if (!made) {
        LOG(warn, "client address not kept", {"error", made.error().message});
        co_return net::Connected{};
      }
      prepared = std::move(*made);
    }
  }
  net::Connected opened = co_await net::connect(reactor, endpoint, deadline, std::move(prepared));
  if (opened.status != net::Io::ok || header.empty()) co_return opened;
  const net::Io sent = co_await opened.stream->write(header, deadline);
  if (sent != net::Io::ok) {
    opened.status = sent;
    opened.stream.reset();
  }
  co_return opened;
}

}  // namespace weir::proxy
