#include "http/h2_exchange.h"

#include <utility>

#include "base/check.h"
#include "http/grpc.h"

namespace weir::http {
namespace {

constexpr Duration kLastBytes = 1s;  // to take what came of an answer that broke off

}  // namespace

H2Exchange::H2Exchange(H2Server& server) : H2Stream(server), server_(server) {
  const ListenerLimits& limits = server.handler_.settings().limits;
  limits_ = HeadLimits{limits.head.value, limits.headers};
  head_ = &request_;
  peer_ = server.peer_;
  ++server_.live_;
}

H2Exchange::~H2Exchange() { --server_.live_; }

const net::Codec* H2Exchange::codec() const {
  return server_.stream_ ? server_.stream_->codec() : nullptr;
}

void H2Exchange::on_block(bool end) {
  if (head_done_) {  // trailers; nghttp2 has seen that they end the stream
    const Parsed parsed = block().trailers(limits_, trailer_text_, trailers_);
    if (parsed.kind != Parsed::Kind::done) {
      trailers_ = Fields();
      wrong_ = parsed.reason;
    }
    return;
  }
  head_done_ = true;
  grpc_ = block().grpc();
  const Parsed parsed = block().request(end, limits_, head_text_, request_);
  if (parsed.kind != Parsed::Kind::done) {
    refusal_ = parsed;
  } else if (const auto limit = server_.handler_.settings().limits.body.value;
             limit && request_.framing.length > limit) {
    refusal_ = Parsed{Parsed::Kind::refused, 0, 413, "the body is larger than the limit"};
  }
  has_body_ = request_.framing.kind != Framing::Kind::none;
  server_.ready_.push_back(this);
}

void H2Exchange::closed_early() {
  gone_.raise();
  if (!std::exchange(head_done_, true)) server_.ready_.push_back(this);  // to be deleted
}

net::Deadline H2Exchange::write_deadline() const {
  return server_.reactor().now() + server_.handler_.settings().limits.body_idle_time;
}

Piece H2Exchange::broken(std::uint16_t status, const char* reason) {
  return Piece{net::Io::failed, {}, false, status, reason};
}

Task<Piece> H2Exchange::read_body(net::Interrupt& stop) {
  const bool first = !std::exchange(first_given_, true);
  if (!first && request_.expect_continue && !came_whole() && !std::exchange(continued_, true) &&
      status_ == 0) {
    Reply go_on;
    go_on.status = 100;
    co_await interim(go_on);
  }
  Piece piece;
  if (first) {
    piece = pull_now();  // suspends nothing
  } else {
    const Duration patience = server_.handler_.settings().limits.body_idle_time;
    const net::Deadline deadline(server_.reactor().now() + patience, &stop);
    piece = co_await pull(deadline);
  }
  if (piece.status == net::Io::timeout) co_return broken(408, "the body did not arrive in time");
  if (piece.status != net::Io::ok) {
    if (piece.status != net::Io::cancelled) gone_.raise();
    co_return Piece{net::Io::cancelled};
  }
  bytes_in_ += piece.bytes.size();
  if (const auto limit = server_.handler_.settings().limits.body.value;
      limit && bytes_in_ > limit) {
    co_return broken(413, "the body is larger than the limit");
  }
  if (piece.last && wrong_) co_return broken(400, wrong_);
  co_return piece;
}

Task<net::Io> H2Exchange::start(Reply reply, std::string_view piece, bool last) {
  status_ = reply.status;
  if (closed()) return net::Io::reset;
  if (grpc_ && !reply.pass && reply.status != 200) return start_grpc_error(reply, piece);
  bodiless_ = request_.method == "HEAD" || reply.status == 204 || reply.status == 304;
  if (bodiless_) {
    last = true;
    piece = {};
  }
  if (reply.status == 101) last = false;
  bytes_out_ += piece.size();
  FieldList& list = FieldList::make();
  list_response(list, reply);
  const bool no_body = last && piece.empty();
  nghttp2_data_provider body = provider();
  nghttp2_submit_response(server_.raw(), id(), list.data(), list.size(), no_body ? nullptr : &body);
  return push(piece, last, write_deadline());
}

// A trailers-only response: weir's own errors speak gRPC to who does.
Task<net::Io> H2Exchange::start_grpc_error(Reply reply, std::string_view text) {
  FieldList& list = FieldList::make();
  list.add(":status", "200");
  list.add("content-type", "application/grpc");
  bool has_status = false;
  for (const HeaderView& field : reply.add) {
    has_status |= equal_ignoring_case(field.name, "grpc-status");
    if (equal_ignoring_case(field.name, "content-type")) continue;
    if (equal_ignoring_case(field.name, "content-length")) continue;
    list.add(field.name, field.value);
  }
  if (!has_status) {
    const auto code = static_cast<unsigned>(grpc_status_for(reply.status));
    list.add_copy("grpc-status", std::to_string(code));
  }
  if (!text.empty()) list.add_copy("grpc-message", grpc_message(text));
  bodiless_ = true;
  nghttp2_submit_response(server_.raw(), id(), list.data(), list.size(), nullptr);
  return push({}, true, write_deadline());
}

Task<net::Io> H2Exchange::write(std::string_view piece, bool last) {
  if (bodiless_) return net::Io::ok;
  bytes_out_ += piece.size();
  if (piece.empty() && !last) return net::Io::ok;
  return push(piece, last, write_deadline());
}

Task<net::Io> H2Exchange::finish(const Fields& trailers) {
  if (!bodiless_) push_trailers(trailers);
  return closed() ? net::Io::reset : net::Io::ok;
}

Task<net::Io> H2Exchange::interim(const Reply& reply) {
  if (closed()) return net::Io::reset;
  if (reply.status == 100) continued_ = true;
  FieldList& list = FieldList::make();
  list_response(list, reply);
  nghttp2_submit_headers(server_.raw(), NGHTTP2_FLAG_NONE, id(), nullptr, list.data(), list.size(),
                         nullptr);
  server_.touch();
  return net::Io::ok;
}

Pipe* H2Exchange::pipe() {
  if (!pipe_) pipe_.emplace(*this);
  return &*pipe_;
}

Task<> H2Exchange::settle() {
  if (closed()) co_return;
  if (status_ == 0 || !out_ended() || aborted_) {
    // The client must be able to tell a broken answer from a complete one; what came before the
    // break is its own.
    if (status_ != 0 && !out_ended()) {
      const net::Deadline soon(server_.reactor().now() + kLastBytes);
      co_await drained(soon);
    }
    reset(NGHTTP2_INTERNAL_ERROR);
    co_return;
  }
  const net::Deadline deadline = write_deadline();
  const net::Io seen_out = co_await sent(deadline);
  if (seen_out != net::Io::ok) {
    reset(NGHTTP2_CANCEL);
  } else if (!came_whole()) {
    reset(NGHTTP2_NO_ERROR);  // RFC 9113 section 8.1: an early response
  }
}

}  // namespace weir::http
