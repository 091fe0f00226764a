#include "proxy/introduce.h"

#include <algorithm>
#include <iterator>

#include "net/peek.h"
#include "net/proxy_protocol.h"

namespace weir::proxy {
namespace {

const char* why(net::Io status) {
  switch (status) {
    case net::Io::timeout:
      return "the connection did not introduce itself in time";
    case net::Io::cancelled:
      return "weir stops";
    default:
      return "the client left before it introduced itself";
  }
}

void set_ip(Ip& ip, const net::Address& address) {
  std::uint8_t bytes[16];
  address.ip(bytes);
  std::copy(std::begin(bytes), std::end(bytes), ip.bytes.begin());
}

}  // namespace

net::Address address_of(const Ip& ip, std::uint16_t port) {
  return net::Address::of_ip(ip.bytes.data(), port);
}

void note_local_ip(http::Peer& who, int fd) {
  if (who.local_ip == Ip{}) set_ip(who.local_ip, net::local_address(fd));
}

Task<const char*> take_proxy_header(net::Reactor& reactor, int fd, http::Peer& who,
                                    net::Deadline deadline) {
  const auto peek = net::Peek::at(reactor, fd);
  while (true) {
    const net::Peeked got = co_await peek->more(deadline);
    if (got.status != net::Io::ok) co_return why(got.status);
    const net::ProxyParse parse = net::parse_proxy_header(got.bytes);
    if (parse.kind == net::ProxyParse::Kind::bad) co_return parse.reason;
    if (parse.kind == net::ProxyParse::Kind::incomplete) continue;
    if (!net::take_off(reactor, fd, parse.length)) co_return why(net::Io::reset);
    if (parse.header.names_client()) {
      set_ip(who.ip, parse.header.source);
      set_ip(who.local_ip, parse.header.destination);
      who.port = parse.header.source.port();
      who.local_port = parse.header.destination.port();
      who.uid = ~0u;
    }
    co_return nullptr;
  }
}

Task<net::ClientHello> peek_client_hello(net::Reactor& reactor, int fd, net::Deadline deadline) {
  const auto peek = net::Peek::at(reactor, fd);
  net::ClientHello hello;
  while (true) {
    const net::Peeked got = co_await peek->more(deadline);
    if (got.status != net::Io::ok) {
      hello.reason = why(got.status);
      co_return hello;
    }
    hello = net::parse_client_hello(got.bytes);
    if (hello.kind != net::ClientHello::Kind::incomplete) co_return hello;
  }
}

}  // namespace weir::proxy
