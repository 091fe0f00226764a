#include "proxy/relay.h"

#include <optional>
#include <utility>

#include "http/grpc.h"
#include "proxy/special.h"
#include "proxy/tunnel.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

using Kind = balance::Outcome::Kind;

// Part of the response is out: the client must be able to see that it is not whole.
void cut(Hop& hop, observe::Counter& by, const char* reason) {
  if (!hop.evicted) by.add();
  hop.record.cut = true;
  hop.record.reason = hop.evicted ? hop.evicted : reason;
  hop.exchange.abort();
}

// A grpc-status that tells of the endpoint what a 5xx does.
bool grpc_failed(const http::Fields& fields) {
  const auto code = http::grpc_status(fields);
  return code && http::is_endpoint_failure(*code);
}

// Whatever happened, the response went out as far as it could.
Verdict finish(Hop& hop, Slot& slot, net::Io out, bool failed) {
  if (out != net::Io::ok) {
    slot.judge(Kind::cancelled);
    GroupCells& cells = *hop.group->cells;
    const bool ours = hop.refusal.status != 0;  // the route's time is over
    cut(hop, ours ? cells.overload.cut_weir : cells.cut_client,
        ours ? hop.refusal.reason : "client gone");
  } else {
    slot.judge(failed ? Kind::failure : Kind::success);
  }
  return Verdict::done;
}

Task<Verdict> relay_rest(Hop& hop, Slot& slot, http::Call& call, Task<net::Io> begun, bool last,
                         bool failed) {
  net::Io out = co_await begun;
  while (out == net::Io::ok && !last) {
    const Duration limit = hop.timeouts().idle();
    const net::Deadline deadline(hop.worker.reactor().now() + limit, &hop.exchange.gone());
    const http::Piece piece = co_await call.read_body(deadline);
    if (piece.status == net::Io::cancelled) {
      out = piece.status;
      break;
    }
    if (piece.status != net::Io::ok) {
      slot.judge(Kind::failure);
      cut(hop, hop.group->cells->cut_endpoint,
          piece.status == net::Io::timeout ? "the endpoint fell silent" : "the endpoint broke off");
      co_return Verdict::done;
    }
    last = piece.last;
    slot.progress(hop.worker.reactor().now());
    out = co_await hop.exchange.write(piece.bytes, last && !call.trailers());
  }
  if (out == net::Io::ok && call.trailers()) {
    failed |= call.trailers()->h2 && grpc_failed(*call.trailers());
    out = co_await hop.exchange.finish(*call.trailers());
  }
  co_return finish(hop, slot, out, failed);
}

}  // namespace

Task<Verdict> relay(Hop& hop, Slot& slot, http::Call& call, http::Answer answer) {
  const Time first = hop.worker.reactor().now();
  if (!hop.keep_body) hop.held.let_go();
  hop.record.endpoint_status = answer.head->status;
  hop.record.first_byte = first - hop.began;
  hop.group->cells->first_byte_seconds.add(first - hop.began);
  slot.first_byte(first);

  http::Reply reply;
  reply.status = answer.head->status;
  reply.reason = answer.head->reason;
  reply.pass = &answer.head->fields;
  reply.framing = answer.head->framing;
  if (hop.special) dress(hop, *slot.endpoint().endpoint, reply);
  const bool failed =
      reply.status >= 500 || (answer.head->fields.h2 && grpc_failed(answer.head->fields));
  const bool last = answer.last && !call.trailers();
  Task<net::Io> begun = hop.exchange.start(reply, answer.piece, last);
  if (last && begun.done()) return finish(hop, slot, begun.result(), failed);
  return relay_rest(hop, slot, call, std::move(begun), answer.last, failed);
}

Task<Verdict> relay_tunnel(Hop& hop, Slot& slot, http::Call& call, const http::ResponseHead& head) {
  if (!hop.exchange.request().upgrade) {
    slot.judge(Kind::failure);
    co_return hop.fail(502, "the endpoint switched protocols unasked", false);
  }
  const Time first = hop.worker.reactor().now();
  hop.record.endpoint_status = head.status;
  hop.record.first_byte = first - hop.began;
  slot.first_byte(first);
  http::Reply reply;
  reply.status = head.status;
  reply.pass = &head.fields;
  if (hop.special) dress(hop, *slot.endpoint().endpoint, reply);
  const std::string_view nothing;
  const net::Io out = co_await hop.exchange.start(reply, nothing, true);
  net::Interrupt broken;
  if (out == net::Io::ok) {
    const Worker::Breakable breakable(hop.worker, broken);
    std::string from_client, from_endpoint;
    net::Stream* client = hop.exchange.tunnel(from_client);
    net::Stream* upstream = call.tunnel(from_endpoint);
    const Duration idle = hop.timeouts().idle();
    hop.tunnel = &broken;
    slot.breaks(&broken);
    if (client && upstream) {
      co_await tunnel(*client, std::move(from_client), *upstream, std::move(from_endpoint), idle,
                      broken);
    } else {
      // One of them is a stream of a shared connection.
      std::optional<http::StreamPipe> raw;
      if (client || upstream) raw.emplace(client ? *client : *upstream);
      http::Pipe& near = client ? *raw : *hop.exchange.pipe();
      http::Pipe& far = upstream ? *raw : *call.pipe();
      co_await tunnel(hop.worker.reactor(), near, std::move(from_client), far,
                      std::move(from_endpoint), idle, broken);
    }
    hop.tunnel = nullptr;
    slot.breaks(nullptr);
  }
  slot.judge(Kind::success);
  if (out != net::Io::ok || broken.raised())
    cut(hop,
        hop.refusal.status != 0 ? hop.group->cells->overload.cut_weir
                                : hop.group->cells->cut_client,
        "the tunnel broke");
  co_return Verdict::done;
}

}  // namespace weir::proxy
