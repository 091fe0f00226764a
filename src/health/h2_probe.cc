#include "health/h2_probe.h"

#include <fmt/format.h>

#include <utility>

#include "base/scope.h"
#include "health/dial.h"
#include "http/grpc.h"
#include "http/h2_call.h"

namespace weir::health {
namespace {

using enum Answer::Result;

Task<> ask(Local<http::H2Client> client, bool secure, std::string host, H2Request request,
           H2Found& found, net::Deadline deadline) {
  http::H2Call call(std::move(client), kHeadLimits);
  http::FieldList& fields = http::FieldList::make();
  fields.add(":method", request.method);
  fields.add(":scheme", secure ? "https" : "http");
  fields.add(":authority", host);
  fields.add(":path", request.path);
  fields.add("user-agent", "weir-health");
  if (request.content_type.empty()) {
    fields.add("accept", "*/*");
  } else {
    fields.add("content-type", request.content_type);
    fields.add("te", "trailers");
  }
  const net::Io sent = co_await call.start_own(fields, request.body, deadline);
  if (sent != net::Io::ok) {
    found.answer = Answer(failed, std::string(net::to_string(sent)));
    co_return;
  }
  http::Answer head = co_await call.read_head(deadline);
  while (head.status == net::Io::ok && head.head->status < 200) {
    head = co_await call.read_head(deadline);
  }
  if (head.status != net::Io::ok) {
    found.answer = head.wrong ? Answer(failed, fmt::format("not HTTP/2: {}", head.wrong))
                              : Answer(failed, std::string(net::to_string(head.status)));
    co_return;
  }
  found.answer = Answer(passed, "answered");
  found.status = head.head->status;
  found.grpc_status = http::grpc_status(head.head->fields);
  found.body = head.piece;
  bool last = head.last;
  while (!last && found.body.size() < kMostBody) {
    const http::Piece piece = co_await call.read_body(deadline);
    if (piece.status != net::Io::ok) co_return;
    found.body += piece.bytes;
    last = piece.last;
  }
  if (call.trailers()) found.grpc_status = http::grpc_status(*call.trailers());
}

}  // namespace

Task<H2Found> h2_probe(net::Reactor& reactor, const Endpoint& endpoint, const HealthCheck& options,
                       H2Request request, net::Deadline deadline) {
  H2Found found{Answer(failed, "not asked"), 0, {}, {}};
  Dialled dialled = co_await dial(reactor, endpoint, options, deadline);
  dialled = co_await secure(std::move(dialled), endpoint, deadline, "h2");
  if (!dialled.stream) {
    found.answer = std::move(dialled.answer);
    co_return found;
  }
  Scope scope;
  net::Interrupt stop;
  Local<http::H2Client> client = http::H2Client::adopt(std::move(dialled.stream), scope, stop);
  std::string host = checked_host(endpoint, options);
  const bool tls = endpoint.tls != nullptr;
  co_await ask(client, tls, std::move(host), std::move(request), found, deadline);
  stop.raise();
  co_await scope.close();
  co_return found;
}

}  // namespace weir::health
