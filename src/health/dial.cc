#include "health/dial.h"

#include <sys/socket.h>

#include <cerrno>

#include "net/address.h"
#include "net/fd.h"
#include "tls/back.h"

namespace weir::health {
namespace {

using enum Answer::Result;

// Is it weir that has no sockets left? Then nothing was learned about the endpoint.
bool out_of_sockets() {
  const net::Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe) return false;
  return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
}

Answer why(net::Io status) {
  switch (status) {
    case net::Io::timeout:
      return {failed, "timed out while connecting"};
    case net::Io::failed:
      if (out_of_sockets()) return {unknown, "weir has no sockets left to check with"};
      return {failed, "cannot connect"};
    default:
      return {failed, std::string(net::to_string(status))};
  }
}

}  // namespace

Task<Dialled> dial(net::Reactor& reactor, const Endpoint& endpoint, const HealthCheck& options,
                   net::Deadline deadline) {
  auto address = net::parse_address(endpoint.address);
  if (!address) co_return Dialled{nullptr, Answer(failed, address.error().message)};
  if (options.port) address->set_port(*options.port);
  net::Connected connected = co_await net::connect(reactor, *address, deadline);
  if (!connected.stream) co_return Dialled{nullptr, why(connected.status)};
  if (!endpoint.check_preface.empty() && !options.port) {  // another port is asked in its own way
    const net::Io sent = co_await connected.stream->write(endpoint.check_preface, deadline);
    if (sent != net::Io::ok) co_return Dialled{nullptr, why(sent)};
  }
  co_return Dialled{std::move(connected.stream), Answer(passed, "connected")};
}

Task<Dialled> secure(Dialled dialled, const Endpoint& endpoint, net::Deadline deadline,
                     const char* protocol) {
  if (!dialled.stream || !endpoint.tls) co_return std::move(dialled);
  const auto& back = static_cast<const tls::Back&>(*endpoint.tls);
  auto made = back.codec(*dialled.stream, endpoint, {}, protocol);
  if (!made) co_return Dialled{nullptr, Answer(unknown, "weir has no memory for TLS")};
  const tls::Codec& codec = *made;
  dialled.stream->set_codec(std::move(made));
  const net::Read shaken = co_await dialled.stream->ready(deadline);
  if (shaken.status == net::Io::ok) {
    if (std::string_view(protocol) != "h2" || codec.protocol() == "h2") {
      co_return std::move(dialled);
    }
    Dialled other{nullptr, Answer(failed, "it does not speak HTTP/2 over TLS")};
    co_return std::move(other);
  }
  const bool late = shaken.status == net::Io::timeout || shaken.status == net::Io::cancelled;
  std::string why = late ? "timed out in the TLS handshake" : endpoint_reason(codec.trouble());
  Dialled failure{nullptr, Answer(failed, std::move(why))};
  co_return std::move(failure);
}

std::string checked_address(const Endpoint& endpoint, const HealthCheck& options) {
  auto address = net::parse_address(endpoint.address);
  if (!address || !options.port) return endpoint.address;
  address->set_port(*options.port);
  return address->to_string();
}

std::string checked_host(const Endpoint& endpoint, const HealthCheck& options) {
  if (!options.host.empty()) return options.host;
  if (endpoint.address.starts_with("unix:")) return "localhost";
  return checked_address(endpoint, options);
}

}  // namespace weir::health
