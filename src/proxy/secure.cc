#include "proxy/secure.h"

#include "tls/back.h"
#include "tls/metrics.h"

namespace weir::proxy {

Task<std::string_view> secure_client(observe::Sheet& sheet, std::string listener,
                                     const tls::Front& front, net::Stream& stream,
                                     net::Deadline deadline) {
  auto made = front.codec(stream);
  if (!made) co_return "memory";
  const tls::Codec& codec = *made;
  stream.set_codec(std::move(made));
  const net::Read shaken = co_await stream.ready(deadline);
  if (shaken.status == net::Io::ok) {
    sheet.counter(tls::metrics::handshakes_total, {listener, codec.resumed() ? "resumed" : "full"})
        .add();
    co_return "";
  }
  const bool late = shaken.status == net::Io::timeout;
  const std::string_view why = late ? "timeout" : to_string(codec.trouble());
  sheet.counter(tls::metrics::handshakes_total, {listener, "failed"}).add();
  sheet.counter(tls::metrics::handshake_failures_total, {listener, std::string(why)}).add();
  co_return why;
}

Task<http::Secured> SecureEndpoint::operator()(net::Stream& stream, net::Deadline deadline) const {
  const auto& back = static_cast<const tls::Back&>(*tls_);
  auto made = back.codec(stream, *endpoint_, last_, protocol_);
  if (!made) co_return http::Secured{net::Io::failed, "no memory for TLS with the endpoint"};
  const tls::Codec& codec = *made;
  stream.set_codec(std::move(made));
  const net::Read shaken = co_await stream.ready(deadline);
  const auto failed = [this](const std::string& why) {
    sheet_->counter(tls::metrics::endpoint_handshakes_total, {group_, "failed"}).add();
    sheet_->counter(tls::metrics::endpoint_handshake_failures_total, {group_, why}).add();
  };
  switch (shaken.status) {
    case net::Io::ok:
      break;
    case net::Io::cancelled:
      co_return http::Secured{net::Io::cancelled};
    case net::Io::timeout:
      failed("timeout");
      co_return http::Secured{net::Io::timeout,
                              "the endpoint did not end its TLS handshake in time"};
    default:
      failed(std::string(to_string(codec.trouble())));
      co_return http::Secured{net::Io::failed, tls::endpoint_reason(codec.trouble())};
  }
  // HTTP/1 is what everybody speaks who says nothing; HTTP/2 must be agreed on (RFC 9113 3.2).
  if (std::string_view(protocol_) == "h2" && codec.protocol() != "h2") {
    failed("protocol");
    co_return http::Secured{net::Io::failed, "the endpoint does not speak HTTP/2 over TLS"};
  }
  sheet_
      ->counter(tls::metrics::endpoint_handshakes_total,
                {group_, codec.resumed() ? "resumed" : "full"})
      .add();
  co_return http::Secured{};
}

}  // namespace weir::proxy
