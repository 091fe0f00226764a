#include "http/h2_call.h"

#include <utility>

#include "base/check.h"
#include "http/h2_fields.h"

namespace weir::http {
namespace {

constexpr std::size_t kMostHeads = 16;  // informational ones that nobody has read yet

}  // namespace

H2Call::H2Call(Local<H2Client> client, HeadLimits limits)
    : H2Hold{std::move(client)}, H2Stream(*client_), limits_(limits) {
  ++client_->calls_;
}

H2Call::~H2Call() {
  if (!closed()) reset(NGHTTP2_CANCEL);
  client_->call_ended();
}

Task<Secured> H2Call::connected(net::Deadline deadline) {
  while (client_->connecting()) {
    const net::Io woken = co_await readable(deadline);
    if (woken != net::Io::ok) co_return Secured{woken};
  }
  co_return client_->connected();
}

Task<net::Io> H2Call::start(const RequestHead& request, const Forwarded& forwarded,
                            std::string_view body, bool last, net::Deadline deadline) {
  to_head_ = request.method == "HEAD";
  upgrade_ = request.upgrade;
  if (upgrade_) return start_tunnel(request, forwarded, deadline);
  return submit(request, forwarded, body, last, deadline);
}

Task<net::Io> H2Call::start_tunnel(const RequestHead& request, const Forwarded& forwarded,
                                   net::Deadline deadline) {
  if (!request.fields.h2) {
    wrong_ = "a WebSocket of HTTP/1 does not go through a group of HTTP2";
    co_return net::Io::failed;
  }
  // Whether the endpoint takes them stands in its settings.
  while (client_->alive() && !client_->introduced()) {
    const net::Io woken = co_await readable(deadline);
    if (woken != net::Io::ok) co_return woken;
  }
  if (!client_->takes_web_sockets()) {
    wrong_ = "the endpoint takes no WebSocket over HTTP/2";
    co_return net::Io::failed;
  }
  const std::string_view nothing;
  const net::Io sent = co_await submit(request, forwarded, nothing, false, deadline);
  co_return sent;
}

Task<net::Io> H2Call::submit(const RequestHead& request, const Forwarded& forwarded,
                             std::string_view body, bool last, net::Deadline deadline) {
  if (!client_->alive()) return net::Io::reset;
  FieldList& list = FieldList::make();
  list_request(list, request, forwarded, client_->scheme());
  const bool no_body = last && body.empty();
  nghttp2_data_provider bytes = provider();
  const std::int32_t made =
      nghttp2_submit_request(client_->raw(), nullptr, list.data(), list.size(),
                             no_body ? nullptr : &bytes, static_cast<H2Stream*>(this));
  if (made < 0) {
    on_close(NGHTTP2_REFUSED_STREAM);
    return net::Io::reset;
  }
  attach(made);
  return push(body, last, deadline);
}

Task<net::Io> H2Call::start_own(FieldList& fields, std::string_view body, net::Deadline deadline) {
  if (!client_->alive()) return net::Io::reset;
  nghttp2_data_provider bytes = provider();
  const std::int32_t made =
      nghttp2_submit_request(client_->raw(), nullptr, fields.data(), fields.size(),
                             body.empty() ? nullptr : &bytes, static_cast<H2Stream*>(this));
  if (made < 0) return net::Io::reset;
  attach(made);
  return push(body, true, deadline);
}

Task<net::Io> H2Call::write(std::string_view piece, bool last, net::Deadline deadline) {
  if (piece.empty() && !last) return net::Io::ok;
  return push(piece, last, deadline);
}

Task<net::Io> H2Call::finish(const Fields& trailers, net::Deadline) {
  push_trailers(trailers);
  return closed() ? net::Io::reset : net::Io::ok;
}

void H2Call::on_block(bool end) {
  answered_ = true;
  if (final_come_) {
    const Parsed parsed = block().trailers(limits_, trailer_text_, trailers_);
    trailers_.h2 = true;
    if (parsed.kind != Parsed::Kind::done) {
      trailers_ = Fields();
      wrong_ = parsed.reason;
    }
    return;
  }
  final_come_ = !block().informational();
  if (heads_.size() == kMostHeads) return reset(NGHTTP2_ENHANCE_YOUR_CALM);
  block().response_text(heads_.emplace_back(Head{{}, end}).text);
  wake();
}

Answer H2Call::answer(Head come) {
  head_text_ = std::move(come.text);
  const Parsed parsed = parse_response_text(head_text_, come.end, to_head_, limits_, head_);
  if (parsed.kind != Parsed::Kind::done) {
    return Answer{net::Io::failed, nullptr, {}, false, parsed.reason};
  }
  Answer result;
  result.head = &head_;
  if (head_.status < 200) return result;
  if (upgrade_ && head_.status == 200) {
    head_.status = 101;  // what it means
    return result;
  }
  const Piece piece = pull_now();
  bytes_in_ += piece.bytes.size();
  result.piece = piece.bytes;
  result.last = piece.last;
  if (wrong_ && result.last) result.status = net::Io::failed, result.wrong = wrong_;
  return result;
}

Task<Answer> H2Call::read_head(net::Deadline deadline) {
  while (heads_.empty()) {
    if (wrong_) co_return Answer{net::Io::failed, nullptr, {}, false, wrong_};
    if (closed()) co_return Answer{net::Io::reset};
    const net::Io woken = co_await readable(deadline);
    if (woken != net::Io::ok) co_return Answer{woken};
  }
  Head come = std::move(heads_.front());
  heads_.erase(heads_.begin());
  co_return answer(std::move(come));
}

Task<Piece> H2Call::read_body(net::Deadline deadline) {
  Piece piece = co_await pull(deadline);
  if (piece.status != net::Io::ok) co_return piece;
  bytes_in_ += piece.bytes.size();
  if (piece.last && wrong_) co_return Piece{net::Io::failed, {}, false, 502, wrong_};
  co_return piece;
}

bool H2Call::untouched() const {
  if (answered_) return false;
  if (closed() && code() == NGHTTP2_REFUSED_STREAM) return true;
  return !head_sent_ && (closed() || id() < 0);
}

Pipe* H2Call::pipe() {
  if (!pipe_) pipe_.emplace(*this);
  return &*pipe_;
}

}  // namespace weir::http
